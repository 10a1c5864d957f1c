/** Where agents of other replicas find this one: where it is reached, at the port that it listens on for agents. */
export function agentsUrlOf(publicUrl: string, grpcPort: number): string | undefined {
  const { protocol, hostname } = new URL(publicUrl);
  const isAnywhere = hostname === '0.0.0.0' || hostname === '[::]';
  return isAnywhere || grpcPort === 0 ? undefined : `${protocol}//${hostname}:${grpcPort}`;
}
