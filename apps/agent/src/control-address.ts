import { type ChannelCredentials, credentials } from '@grpc/grpc-js';
import { NetfoldError } from '#kernel';

export interface ControlAddress {
  /** `host:port` */
  readonly target: string;
  readonly credentials: ChannelCredentials;
  /** Whether the server is on this very machine. */
  readonly loopback: boolean;
}

/**
 * How to reach the control plane at a URL. Plain HTTP is for this machine only: elsewhere anybody on the way could
 * answer in the server's place.
 * @throws NetfoldError `agent.bad_server_url`
 */
export function controlAddress(serverUrl: string): ControlAddress {
  const url = URL.canParse(serverUrl) ? new URL(serverUrl) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol) || !['', '/'].includes(url.pathname)) {
    throw badUrl(serverUrl, 'is not the URL of a server', 'write it like https://netfold.example.com');
  }
  const loopback = isLoopback(url.hostname);
  const secure = url.protocol === 'https:';
  if (!secure && !loopback)
    throw badUrl(serverUrl, 'is not encrypted', 'use https:// unless the server is on this machine');
  const port = url.port || (secure ? '443' : '80');
  return {
    target: `${url.hostname}:${port}`,
    credentials: secure ? credentials.createSsl() : credentials.createInsecure(),
    loopback,
  };
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);

const badUrl = (serverUrl: string, what: string, hint: string): NetfoldError =>
  new NetfoldError({
    code: 'agent.bad_server_url',
    message: `${JSON.stringify(serverUrl)} ${what}`,
    where: '--server',
    hint,
  });
