import { hash } from 'node:crypto';

/**
 * The id of the `index`-th event of a command in a stream: a UUID of version 8 (RFC 9562, 5.8) made of the first
 * 122 free bits of SHA-256 over `stream NUL commandId NUL index`. The same command decided again yields the same
 * ids, so that whoever consumes events can drop repetitions; the stream keeps the events of a command that writes
 * to two streams apart.
 */
export function eventId(stream: string, commandId: string, index: number): string {
  const digest = hash('sha256', `${stream}\0${commandId}\0${index}`, 'hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    digest.slice(0, 8),
    digest.slice(8, 12),
    `8${digest.slice(13, 16)}`,
    variant + digest.slice(17, 20),
    digest.slice(20, 32),
  ].join('-');
}
