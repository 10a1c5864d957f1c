import { type Crypto, type KeyPair, newDhKeyPair } from '#crypto';
import type { Random } from '#kernel';
import { readUint32, writeUint32 } from '../little-endian.js';
import { INITIATION, RESPONSE } from '../messages.js';
import { SymmetricState } from './symmetric-state.js';
import { type TransportKeys, useOf } from './transport-keys.js';

/** A first message read as far as who sent it; nothing proves yet that they did. */
export interface ClaimedInitiation {
  readonly localStatic: KeyPair;
  readonly remoteStatic: Uint8Array;
  readonly remoteEphemeral: Uint8Array;
  readonly remoteIndex: number;
  readonly state: SymmetricState;
}

/** Decrypts the initiator's static key (5.4.2), or undefined when the message is not for this identity. */
export function readInitiator(
  crypto: Crypto,
  localStatic: KeyPair,
  message: Uint8Array,
): ClaimedInitiation | undefined {
  const remoteEphemeral = message.slice(INITIATION.ephemeral, INITIATION.static);
  const shared = crypto.dh(localStatic.privateKey, remoteEphemeral);
  if (!shared) return undefined;
  const state = SymmetricState.start(crypto, localStatic.publicKey);
  state.mixEphemeral(remoteEphemeral);
  const key = state.mixKey(shared);
  crypto.wipe(shared);
  const remoteStatic = state.open(key, message.subarray(INITIATION.static, INITIATION.timestamp));
  if (!remoteStatic) {
    state.wipe();
    return undefined;
  }
  return { localStatic, remoteStatic, remoteEphemeral, remoteIndex: readUint32(message, INITIATION.sender), state };
}

/** Decrypts the timestamp, which only the owner of the claimed static key can have sealed. 12 bytes, or undefined. */
export function readTimestamp(crypto: Crypto, claimed: ClaimedInitiation, message: Uint8Array): Uint8Array | undefined {
  const shared = crypto.dh(claimed.localStatic.privateKey, claimed.remoteStatic);
  if (!shared) return undefined;
  const key = claimed.state.mixKey(shared);
  crypto.wipe(shared);
  return claimed.state.open(key, message.subarray(INITIATION.timestamp, INITIATION.mac1));
}

/**
 * The second message (5.4.3), without its MACs, and the session's keys (5.4.5).
 * Undefined when the initiator's ephemeral or static key is of low order.
 */
export function createResponse(
  crypto: Crypto,
  random: Random,
  initiation: ClaimedInitiation,
  presharedKey: Uint8Array,
  localIndex: number,
): { message: Uint8Array; keys: TransportKeys } | undefined {
  const { remoteEphemeral, remoteStatic, remoteIndex, state } = initiation;
  const ephemeral = newDhKeyPair(crypto, random);
  const ephemeralEphemeral = crypto.dh(ephemeral.privateKey, remoteEphemeral);
  const ephemeralStatic = crypto.dh(ephemeral.privateKey, remoteStatic);
  crypto.wipe(ephemeral.privateKey);
  if (!ephemeralEphemeral || !ephemeralStatic) {
    crypto.wipe(...[ephemeralEphemeral, ephemeralStatic].filter((shared) => shared !== undefined));
    return undefined;
  }

  const message = new Uint8Array(RESPONSE.length);
  message[0] = RESPONSE.type;
  writeUint32(message, RESPONSE.sender, localIndex);
  writeUint32(message, RESPONSE.receiver, remoteIndex);
  message.set(ephemeral.publicKey, RESPONSE.ephemeral);

  state.mixEphemeral(ephemeral.publicKey);
  state.mixSecret(ephemeralEphemeral);
  state.mixSecret(ephemeralStatic);
  crypto.wipe(ephemeralEphemeral, ephemeralStatic);
  const key = state.mixPresharedKey(presharedKey);
  state.seal(key, new Uint8Array(), message.subarray(RESPONSE.empty, RESPONSE.mac1));
  const [receiveKey, sendKey] = state.split();
  const use = useOf(0, [presharedKey]);
  return { message, keys: { sendKey, receiveKey, localIndex, remoteIndex, presharedKey: use } };
}
