import { KEY_LENGTH } from '#crypto';
import { equalBytes } from '#kernel';

/**
 * What the two sides of a pair say to each other, and how many bytes of content that has.
 * `request`: the answerer wants keys. `offer`: an ML-KEM-768 encapsulation key (FIPS 203, 1184 bytes). `answer`: the
 * ciphertext (1088 bytes). `confirm`: the offerer has the key. `done`: the answerer knows so. `behind`: the offer's
 * epoch is not above the one that this names.
 */
const CONTENT = { request: 0, offer: 1184, answer: 1088, confirm: 0, done: 0, behind: 0 } as const;
export type LetterKind = keyof typeof CONTENT;
const KINDS = Object.keys(CONTENT) as LetterKind[];

const VERSION = 1;
const AT = { version: 0, kind: 1, epoch: 2, from: 10, to: 42, content: 74 } as const;
const MAC_LENGTH = KEY_LENGTH;

/** No letter is longer, in bytes. */
export const MAX_LETTER = AT.content + CONTENT.offer + MAC_LENGTH;

export interface Letter {
  readonly kind: LetterKind;
  /** Orders the agreements of a pair; it grows with each. Below 2^53. */
  readonly epoch: number;
  /** The node keys of both, as the sender knows them. */
  readonly from: Uint8Array;
  readonly to: Uint8Array;
  readonly content: Uint8Array;
}

/** A letter as it came. */
export interface ReceivedLetter extends Letter {
  readonly bytes: Uint8Array;
}

/**
 * version (1) ‖ kind (1) ‖ epoch (8, big endian) ‖ from (32) ‖ to (32) ‖ content ‖ MAC (32)
 * @param mac over all that is before it
 */
export function composeLetter({ kind, epoch, from, to, content }: Letter, mac: (bytes: Uint8Array) => Uint8Array) {
  const letter = new Uint8Array(AT.content + content.length + MAC_LENGTH);
  letter[AT.version] = VERSION;
  letter[AT.kind] = KINDS.indexOf(kind);
  new DataView(letter.buffer).setBigUint64(AT.epoch, BigInt(epoch));
  letter.set(from, AT.from);
  letter.set(to, AT.to);
  letter.set(content, AT.content);
  letter.set(mac(letter.subarray(0, -MAC_LENGTH)), letter.length - MAC_LENGTH);
  return letter;
}

/** Undefined when this is no letter, or one of another version. Nothing of it is proven. */
export function readLetter(bytes: Uint8Array): ReceivedLetter | undefined {
  const kind = KINDS[bytes[AT.kind] ?? KINDS.length];
  if (bytes[AT.version] !== VERSION || !kind) return undefined;
  if (bytes.length !== AT.content + CONTENT[kind] + MAC_LENGTH) return undefined;
  const epoch = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(AT.epoch));
  if (!Number.isSafeInteger(epoch + 1)) return undefined;
  return {
    kind,
    epoch,
    from: bytes.slice(AT.from, AT.to),
    to: bytes.slice(AT.to, AT.content),
    content: bytes.slice(AT.content, -MAC_LENGTH),
    bytes: Uint8Array.from(bytes),
  };
}

export const isAuthentic = ({ bytes }: ReceivedLetter, mac: (bytes: Uint8Array) => Uint8Array): boolean =>
  equalBytes(bytes.subarray(-MAC_LENGTH), mac(bytes.subarray(0, -MAC_LENGTH)));
