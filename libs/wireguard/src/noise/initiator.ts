import { type Crypto, type KeyPair, newDhKeyPair } from '#crypto';
import type { Random } from '#kernel';
import { readUint32, writeUint32 } from '../little-endian.js';
import { INITIATION, RESPONSE } from '../messages.js';
import { SymmetricState } from './symmetric-state.js';
import { type TransportKeys, useOf } from './transport-keys.js';

/** A handshake that was begun and awaits its response. */
export interface PendingHandshake {
  readonly localIndex: number;
  readonly localStatic: KeyPair;
  readonly ephemeral: KeyPair;
  /** C and H after the first message. */
  readonly state: SymmetricState;
}

/** What the first message says. */
export interface Opening {
  readonly localStatic: KeyPair;
  readonly remoteStatic: Uint8Array;
  readonly localIndex: number;
  /** TAI64N, 12 bytes. */
  readonly timestamp: Uint8Array;
}

/**
 * The first message (5.4.2), without its MACs, and what is needed to read the second.
 * Undefined when the peer's public key is of low order: no handshake with it can be secret.
 */
export function createInitiation(
  crypto: Crypto,
  random: Random,
  opening: Opening,
): { message: Uint8Array; pending: PendingHandshake } | undefined {
  const { localStatic, remoteStatic, localIndex, timestamp } = opening;
  const ephemeral = newDhKeyPair(crypto, random);
  const ephemeralStatic = crypto.dh(ephemeral.privateKey, remoteStatic);
  const staticStatic = crypto.dh(localStatic.privateKey, remoteStatic);
  if (!ephemeralStatic || !staticStatic) {
    crypto.wipe(ephemeral.privateKey, ...[ephemeralStatic, staticStatic].filter((shared) => shared !== undefined));
    return undefined;
  }

  const message = new Uint8Array(INITIATION.length);
  message[0] = INITIATION.type;
  writeUint32(message, INITIATION.sender, localIndex);
  message.set(ephemeral.publicKey, INITIATION.ephemeral);

  const state = SymmetricState.start(crypto, remoteStatic);
  state.mixEphemeral(ephemeral.publicKey);
  const staticField = message.subarray(INITIATION.static, INITIATION.timestamp);
  state.seal(state.mixKey(ephemeralStatic), localStatic.publicKey, staticField);
  const timestampField = message.subarray(INITIATION.timestamp, INITIATION.mac1);
  state.seal(state.mixKey(staticStatic), timestamp, timestampField);
  crypto.wipe(ephemeralStatic, staticStatic);
  return { message, pending: { localIndex, localStatic, ephemeral, state } };
}

/**
 * Reads the second message (5.4.3). The pending handshake stays as it is, so a forged response does no harm;
 * `wipePending` it once a response was good.
 *
 * @param presharedKeys those that it may have been made with, the likeliest first: only one of them can be right
 * @param message a whole response message whose receiver index is this handshake's
 * @returns the session's keys, or undefined when the message is not the response to this handshake
 */
export function consumeResponse(
  crypto: Crypto,
  pending: PendingHandshake,
  presharedKeys: readonly Uint8Array[],
  message: Uint8Array,
): TransportKeys | undefined {
  const remoteEphemeral = message.slice(RESPONSE.ephemeral, RESPONSE.empty);
  const ephemeralEphemeral = crypto.dh(pending.ephemeral.privateKey, remoteEphemeral);
  const staticEphemeral = crypto.dh(pending.localStatic.privateKey, remoteEphemeral);
  if (!ephemeralEphemeral || !staticEphemeral) {
    crypto.wipe(...[ephemeralEphemeral, staticEphemeral].filter((shared) => shared !== undefined));
    return undefined;
  }

  const state = pending.state.clone();
  state.mixEphemeral(remoteEphemeral);
  state.mixSecret(ephemeralEphemeral);
  state.mixSecret(staticEphemeral);
  crypto.wipe(ephemeralEphemeral, staticEphemeral);
  const made = openUnder(presharedKeys, state, message.subarray(RESPONSE.empty, RESPONSE.mac1));
  state.wipe();
  if (!made) return undefined;
  const [sendKey, receiveKey] = made.state.split();
  return {
    sendKey,
    receiveKey,
    localIndex: pending.localIndex,
    remoteIndex: readUint32(message, RESPONSE.sender),
    presharedKey: useOf(made.place, presharedKeys),
  };
}

/** The handshake as it goes on under the key that opens the response, and that key's place. */
function openUnder(
  presharedKeys: readonly Uint8Array[],
  state: SymmetricState,
  sealed: Uint8Array,
): { state: SymmetricState; place: number } | undefined {
  for (const [place, presharedKey] of presharedKeys.entries()) {
    const attempt = state.clone();
    if (attempt.open(attempt.mixPresharedKey(presharedKey), sealed)) return { state: attempt, place };
    attempt.wipe();
  }
  return undefined;
}

export function wipePending(crypto: Crypto, pending: PendingHandshake): void {
  crypto.wipe(pending.ephemeral.privateKey);
  pending.state.wipe();
}
