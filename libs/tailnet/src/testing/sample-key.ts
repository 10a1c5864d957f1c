import { toBase64, utf8 } from '#kernel';

/** 32 bytes in base64 that are always the same for the same name, and different for others. Not for real keys. */
export function sampleKey(name: string): string {
  let state = 2_166_136_261;
  for (const byte of utf8(name)) state = Math.imul(state ^ byte, 16_777_619);
  const bytes = Uint8Array.from({ length: 32 }, () => {
    // Marsaglia's xorshift, 2003; the sum keeps zero from staying zero.
    state = (state + 0x9e3779b9) | 0;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 255;
  });
  return toBase64(bytes);
}
