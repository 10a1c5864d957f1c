/**
 * RFC 9293, 3.3.2. A connection in `listen` is one that a peer asked for and nobody has agreed to yet.
 */
export type TcpState =
  | 'listen'
  | 'syn-sent'
  | 'syn-received'
  | 'established'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'close-wait'
  | 'closing'
  | 'last-ack'
  | 'time-wait'
  | 'closed';

/** The handshake is not over. */
export const isOpening = (state: TcpState): boolean =>
  state === 'listen' || state === 'syn-sent' || state === 'syn-received';

/** Nothing is sent or received any more but what ends the connection. */
export const isOver = (state: TcpState): boolean => state === 'time-wait' || state === 'closed';

/** The peer may still send data. */
export const isReceiving = (state: TcpState): boolean =>
  state === 'established' || state === 'fin-wait-1' || state === 'fin-wait-2';
