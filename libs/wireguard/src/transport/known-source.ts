import { readUint32 } from '../little-endian.js';

const V4 = 4;
const NEVER = -1;

/** The address that a peer's last packet came from, while the allowed IPs are those that let it in. */
export class KnownSource {
  private revision = NEVER;
  private length = 0;
  private first = 0;
  private second = 0;
  private third = 0;
  private fourth = 0;

  /** Whether there was none yet. */
  get isNone(): boolean {
    return this.revision === NEVER;
  }

  /** Whether the address in `packet[at, at + length)` is that one. */
  is(revision: number, packet: Uint8Array, at: number, length: number): boolean {
    if (this.revision !== revision || this.length !== length || this.first !== word(packet, at)) return false;
    if (length === V4) return true;
    return (
      this.second === word(packet, at + 4) &&
      this.third === word(packet, at + 8) &&
      this.fourth === word(packet, at + 12)
    );
  }

  note(revision: number, packet: Uint8Array, at: number, length: number): void {
    this.revision = revision;
    this.length = length;
    this.first = word(packet, at);
    if (length === V4) return;
    this.second = word(packet, at + 4);
    this.third = word(packet, at + 8);
    this.fourth = word(packet, at + 12);
  }
}

/** Signed, which takes no memory of its own. */
const word = (bytes: Uint8Array, at: number): number => readUint32(bytes, at) | 0;
