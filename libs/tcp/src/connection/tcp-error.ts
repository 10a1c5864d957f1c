import { NetfoldError } from '#kernel';
import { type Flow, formatEndpoint } from './flow.js';

const FAILURES = {
  'tcp.refused': ['refused the connection', 'nothing listens on that port; check the port and that the service runs'],
  'tcp.reset': ['reset the connection', undefined],
  'tcp.timeout': ['does not answer', 'check that the node is online and that the policy lets you reach it'],
} as const;

export type TcpFailure = keyof typeof FAILURES;

export function tcpError(code: TcpFailure, { remote }: Flow): NetfoldError {
  const [what, hint] = FAILURES[code];
  return new NetfoldError({ code, message: `${formatEndpoint(remote)} ${what}`, ...(hint && { hint }) });
}
