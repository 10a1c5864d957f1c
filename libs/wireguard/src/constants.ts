import { utf8 } from '#kernel';

// Every constant of the protocol, by section of "WireGuard: Next Generation Kernel Network Tunnel" (2020-06-01).
// Times are in milliseconds.

// 5.4, "Messages": what binds hashes and MACs to this protocol.
export const CONSTRUCTION = utf8('Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s');
export const IDENTIFIER = utf8('WireGuard v1 zx2c4 Jason@zx2c4.com');
export const LABEL_MAC1 = utf8('mac1----');
export const LABEL_COOKIE = utf8('cookie--');

// 5.3 and 5.4.7: how long a cookie, and the secret it is made from, is good for.
export const COOKIE_LIFETIME = 120_000;

// 5.4.6: the length to which plaintext is padded.
export const PADDING_UNIT = 16;

// 6.1, "Preliminaries": limits of a session.
export const REKEY_AFTER_TIME = 120_000;
export const REJECT_AFTER_TIME = 180_000;
export const REKEY_ATTEMPT_TIME = 90_000;
export const REKEY_TIMEOUT = 5_000;
export const KEEPALIVE_TIMEOUT = 10_000;
/**
 * The paper has 2^60 and 2^64 - 2^13 - 1. A number is exact up to 2^53, which a session cannot reach in the three
 * minutes it lives, so both limits stay below that and nobody on the wire can tell.
 */
export const REKEY_AFTER_MESSAGES = 2 ** 52;
export const REJECT_AFTER_MESSAGES = 2 ** 53 - 2 ** 13 - 1;

// 6.1: random delay that keeps two peers from initiating in step for ever.
export const REKEY_JITTER = 333;

// 5.1 and 6.5: how often one peer may initiate. 50 a second is what the other implementations take.
export const INITIATION_INTERVAL = 20;

// 5.4.6 and 5.4.8: counters that may arrive late. The paper leaves the size open; Linux has 8,192.
export const REPLAY_WINDOW = 8_192;

// Keys are 32 bytes throughout; "no pre-shared key" is 32 zeros (5.2).
export const NO_PRESHARED_KEY: Readonly<Uint8Array> = new Uint8Array(32);
