import { PADDING_UNIT, REJECT_AFTER_MESSAGES } from '../constants.js';
import { readUint64, writeUint32, writeUint64 } from '../little-endian.js';
import { TRANSPORT } from '../messages.js';
import type { Keypair } from '../session/keypair.js';

/** The length that a packet is padded to: a multiple of 16, but never beyond the tunnel's MTU (5.4.6). */
export function paddedLength(length: number, mtu: number): number {
  const padded = Math.ceil(length / PADDING_UNIT) * PADDING_UNIT;
  return padded <= mtu ? padded : Math.max(length, mtu);
}

/**
 * Seals a packet in place and counts it (5.4.6). The caller has asked `keypair.canSend`.
 *
 * @param buffer holds the padded packet at `offset + 16`, and has room for 16 bytes behind it
 * @param offset where the message is to begin
 * @param length of the padded packet, in bytes
 * @returns the length of the whole message
 */
export function sealTransport(keypair: Keypair, buffer: Uint8Array, offset: number, length: number): number {
  const counter = keypair.sendCounter++;
  writeUint32(buffer, offset, TRANSPORT.type);
  writeUint32(buffer, offset + TRANSPORT.receiver, keypair.keys.remoteIndex);
  writeUint64(buffer, offset + TRANSPORT.counter, counter);
  const start = offset + TRANSPORT.header;
  keypair.sealer.sealInPlace(counter, buffer, start, start + length);
  return TRANSPORT.overhead + length;
}

export type OpenFailure = 'replayed' | 'not_authentic';

/**
 * Opens a message in place: the packet with its padding is then at `offset + 16`. The caller has found the keypair by
 * the receiver index and knows that it has not expired.
 *
 * @param length of the whole message, 32 or more
 * @returns the length of the packet with its padding (0 for a keepalive), or why there is none
 */
export function openTransport(
  keypair: Keypair,
  buffer: Uint8Array,
  offset: number,
  length: number,
): number | OpenFailure {
  const counter = readUint64(buffer, offset + TRANSPORT.counter);
  if (counter >= REJECT_AFTER_MESSAGES || !keypair.replay.admits(counter)) return 'replayed';
  const start = offset + TRANSPORT.header;
  const good = keypair.opener.openInPlace(counter, buffer, start, offset + length);
  if (!good) return 'not_authentic';
  return keypair.replay.accept(counter) ? length - TRANSPORT.overhead : 'replayed';
}
