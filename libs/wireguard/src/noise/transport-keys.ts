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
}
