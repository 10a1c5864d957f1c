/** What a sealing thread is given. */
export interface Task {
  /** 32 bytes each. */
  readonly keys: { readonly send: Uint8Array; readonly receive: Uint8Array };
  /** Packets as long as this are sealed, bytes. */
  readonly length: number;
  readonly seconds: number;
  /** One counter for all threads that seal on the session. */
  readonly counter: SharedArrayBuffer;
  /** How many threads are ready: all begin together. */
  readonly gate: SharedArrayBuffer;
  readonly threads: number;
  /** Messages as they were finished, by whichever thread, one after the other; and how many there are. */
  readonly sample: SharedArrayBuffer;
  readonly sampled: SharedArrayBuffer;
}

/** Counters that a thread reserves at a time: few enough that those of all threads fit into a replay window (8,192). */
export const BLOCK = 64;
export const SAMPLE = 4_096;
/** Room for a message in the sample. */
export const ROOM = 1_536;

/** What it says at the end. */
export interface Sealed {
  readonly packets: number;
  readonly seconds: number;
}
