// Reads without bounds checks: callers have compared with the length. Small enough for the engine to inline.

export const u8 = (bytes: Uint8Array, at: number): number => bytes[at] as number;

export const u16 = (bytes: Uint8Array, at: number): number => ((bytes[at] as number) << 8) | (bytes[at + 1] as number);

/** The 32 bits at this place, as a signed number: enough to compare and to hash, and never boxed. */
export const i32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) << 24) |
  ((bytes[at + 1] as number) << 16) |
  ((bytes[at + 2] as number) << 8) |
  (bytes[at + 3] as number);
