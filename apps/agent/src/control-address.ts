import { getCACertificates } from 'node:tls';
import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { z } from 'zod';
import { NetfoldError } from '#kernel';

export interface ControlAddress {
  /** `host:port` */
  readonly target: string;
  readonly credentials: ChannelCredentials;
  /** Whether the server is on this very machine. */
  readonly loopback: boolean;
}

const Server = z.object({ version: z.string().optional(), grpc: z.object({ port: z.int(), tls: z.boolean() }) });
const PATIENCE_MS = 10_000;

/** What a server says of itself. */
export interface ServerAnswer {
  /** A URL for `controlAddress`. */
  readonly agentUrl: string;
  readonly version: string | undefined;
  /** When it answered, by its own clock (RFC 9110, 6.6.1). */
  readonly date: string | undefined;
}

/**
 * Asks a server where agents connect: people know one URL, that of its API.
 * @returns a URL for `controlAddress`
 * @throws NetfoldError as `askServer` does
 */
export const discoverAgentUrl = async (serverUrl: string): Promise<string> => (await askServer(serverUrl)).agentUrl;

/** @throws NetfoldError `agent.bad_server_url`, `control.unreachable`, `control.other_protocol` */
export async function askServer(serverUrl: string): Promise<ServerAnswer> {
  const url = parseServerUrl(serverUrl);
  const { answer, date } = await ask(new URL('/api/v1/server', url));
  const { success, data } = Server.safeParse(answer);
  if (!success) {
    const hint = 'check the address and the port';
    throw new NetfoldError({
      code: 'control.other_protocol',
      message: `${serverUrl} is no netfold server`,
      where: '--server',
      hint,
    });
  }
  const { grpc, version } = data;
  return { agentUrl: `${grpc.tls ? 'https' : 'http'}://${url.hostname}:${grpc.port}`, version, date };
}

/**
 * How to reach the control plane's agent service.
 * @throws NetfoldError `agent.bad_server_url`
 */
export function controlAddress(agentUrl: string): ControlAddress {
  const url = parseServerUrl(agentUrl);
  const secure = url.protocol === 'https:';
  return {
    target: `${url.hostname}:${url.port || (secure ? '443' : '80')}`,
    // The authorities that Node trusts, those of NODE_EXTRA_CA_CERTS among them.
    credentials: secure
      ? credentials.createSsl(Buffer.from(getCACertificates('default').join('\n')))
      : credentials.createInsecure(),
    loopback: isLoopback(url.hostname),
  };
}

/** Plain HTTP is for this machine only: elsewhere anybody on the way could answer in the server's place. */
function parseServerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || !['', '/'].includes(url.pathname)) {
    throw badUrl(text, 'is not the URL of a server', 'write it like https://netfold.example.com');
  }
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return url;
  throw badUrl(text, 'is not encrypted', 'use https:// unless the server is on this machine');
}

async function ask(url: URL): Promise<{ readonly answer?: unknown; readonly date?: string | undefined }> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
    return { answer: await response.json(), date: response.headers.get('date') ?? undefined };
  } catch (cause) {
    if ((cause as Error).name === 'SyntaxError') return {}; // it answered, but not with JSON
    throw new NetfoldError(
      {
        code: 'control.unreachable',
        message: `the control plane did not answer: ${reasonOf(cause)}`,
        where: url.origin,
        hint: 'check that the server runs, and its address, port and certificate',
      },
      { cause },
    );
  }
}

/** fetch() hides what went wrong in a cause. */
const reasonOf = (error: unknown): string => {
  const inner = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return inner instanceof Error ? inner.message : String(inner);
};

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);

const badUrl = (serverUrl: string, what: string, hint: string): NetfoldError =>
  new NetfoldError({
    code: 'agent.bad_server_url',
    message: `${JSON.stringify(serverUrl)} ${what}`,
    where: '--server',
    hint,
  });
