/** `own`: the one that answers are made with here; `accepted`: another that is known; `none`: 32 zeros. */
export type PresharedKeyUse = 'own' | 'accepted' | 'none';

/** What a finished handshake leaves: the keys of the session and how either side names it. */
export interface TransportKeys {
  /** 32 bytes, seals what goes out. */
  readonly sendKey: Uint8Array;
  /** 32 bytes, opens what comes in. */
  readonly receiveKey: Uint8Array;
  /** The index that the peer puts into its messages to us. */
  readonly localIndex: number;
  /** The index that we put into our messages to the peer. */
  readonly remoteIndex: number;
  /** What of pre-shared keys they were made with. */
  readonly presharedKey: PresharedKeyUse;
}

/**
 * What a key of a list is.
 * @param place the first is the one that answers are made with
 */
export function useOf(place: number, presharedKeys: readonly Uint8Array[]): PresharedKeyUse {
  if (presharedKeys[place]?.every((byte) => byte === 0)) return 'none';
  return place === 0 ? 'own' : 'accepted';
}
