const TWO_32 = 0x1_0000_0000;

/**
 * Writes a counter as the 96-bit nonce of ChaCha20-Poly1305: 32 bits of zeros, then the counter as a 64-bit
 * little-endian number (WireGuard paper, 5.4 "AEAD").
 *
 * @param nonce 12 bytes whose first four are zero
 * @param counter 0 to 2^53 - 1
 */
export function writeCounterNonce(nonce: Uint8Array, counter: number): void {
  const low = counter >>> 0; // modulo 2^32, and far cheaper than `%` beyond 31 bits
  writeUint32(nonce, 4, low);
  writeUint32(nonce, 8, (counter - low) / TWO_32);
}

function writeUint32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value;
  bytes[offset + 1] = value >>> 8;
  bytes[offset + 2] = value >>> 16;
  bytes[offset + 3] = value >>> 24;
}
