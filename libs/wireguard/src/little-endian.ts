const TWO_32 = 0x1_0000_0000;
/** High words from here on name numbers beyond 2^53, which a double does not hold exactly. */
const UNSAFE_HIGH = 0x20_0000;

export function readUint32(bytes: Uint8Array, offset: number): number {
  return (
    ((bytes[offset] as number) |
      ((bytes[offset + 1] as number) << 8) |
      ((bytes[offset + 2] as number) << 16) |
      ((bytes[offset + 3] as number) << 24)) >>>
    0
  );
}

export function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}

/** A 64-bit number, or Infinity for one of 2^53 or more. */
export function readUint64(bytes: Uint8Array, offset: number): number {
  const high = readUint32(bytes, offset + 4);
  return high < UNSAFE_HIGH ? high * TWO_32 + readUint32(bytes, offset) : Number.POSITIVE_INFINITY;
}

/** @param value 0 to 2^53 - 1 */
export function writeUint64(bytes: Uint8Array, offset: number, value: number): void {
  const low = value >>> 0; // modulo 2^32, and far cheaper than `%` beyond 31 bits
  writeUint32(bytes, offset, low);
  writeUint32(bytes, offset + 4, (value - low) / TWO_32);
}
