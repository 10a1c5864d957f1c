import type { KeyPair } from '#crypto';
import { toBase64 } from '#kernel';
import { MANY_SOURCES, newKeyPair } from '../bed.js';

/** One of many peers. */
export interface Member {
  /** In base64. */
  readonly privateKey: string;
  readonly publicKey: string;
  /** Where its datagrams come from. */
  readonly outer: string;
  /** Where its packets come from. */
  readonly inner: string;
}

/** What a load program is told. */
export interface Load {
  readonly target: { readonly address: string; readonly port: number };
  /** Of the one that the load is for, in base64. */
  readonly publicKey: string;
  readonly members: readonly Member[];
  readonly seconds: number;
}

/** Peers, each with keys and addresses of its own. */
export function newCrowd(count: number): Member[] {
  return Array.from({ length: count }, (_, index) => {
    const keys: KeyPair = newKeyPair();
    const suffix = `${1 + (index >> 8)}.${index & 0xff}`;
    return {
      privateKey: toBase64(keys.privateKey),
      publicKey: toBase64(keys.publicKey),
      outer: `${MANY_SOURCES}.${suffix}`,
      inner: `10.70.${suffix}`,
    };
  });
}
