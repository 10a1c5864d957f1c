import { NetfoldError } from '#kernel';

/** Where agents of other replicas find this one: where it is reached, at the port that it listens on for agents. */
export function agentsUrlOf(publicUrl: string, grpcPort: number): string | undefined {
  const { protocol, hostname } = new URL(publicUrl);
  const isAnywhere = hostname === '0.0.0.0' || hostname === '[::]';
  return isAnywhere || grpcPort === 0 ? undefined : `${protocol}//${hostname}:${grpcPort}`;
}

/** What `--agents-url` says, as agents take it. @throws NetfoldError `control.bad_agents_url` */
export function parseAgentsUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.username) return url.origin;
  throw new NetfoldError({
    code: 'control.bad_agents_url',
    message: `${JSON.stringify(text)} is not where agents could connect`,
    where: '--agents-url',
    hint: 'write it like https://r1.example.com:50443',
  });
}
