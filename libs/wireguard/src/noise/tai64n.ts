import type { Clock } from '#kernel';

/** TAI64 of the Unix epoch: 2^62, and the ten seconds that TAI was ahead in 1970 (5.4.2). */
const EPOCH_HIGH = 0x4000_0000;
const EPOCH_SECONDS = 10;
const SECOND = 1_000_000_000;
/** Nanoseconds are given in steps of 2^24 (17 ms), so that a handshake does not tell how exact a clock is. */
const STEP = 0x100_0000;

/** The timestamps for one peer: TAI64N labels of 12 bytes, each greater than the one before whatever the clock does. */
export class TimestampSource {
  private seconds = 0;
  private nanoseconds = 0;

  constructor(private readonly wallClock: Clock) {}

  next(): Uint8Array {
    const now = this.wallClock.now();
    const seconds = Math.floor(now / 1000);
    const nanoseconds = Math.floor(((now - seconds * 1000) * 1_000_000) / STEP) * STEP;
    if (seconds > this.seconds || (seconds === this.seconds && nanoseconds > this.nanoseconds)) {
      this.seconds = seconds;
      this.nanoseconds = nanoseconds;
    } else {
      this.step();
    }
    return encode(this.seconds, this.nanoseconds);
  }

  private step(): void {
    this.nanoseconds += STEP;
    if (this.nanoseconds < SECOND) return;
    this.nanoseconds = 0;
    this.seconds++;
  }
}

function encode(seconds: number, nanoseconds: number): Uint8Array {
  const label = new Uint8Array(12);
  const view = new DataView(label.buffer);
  const total = seconds + EPOCH_SECONDS;
  view.setUint32(0, EPOCH_HIGH + Math.floor(total / 0x1_0000_0000));
  view.setUint32(4, total % 0x1_0000_0000);
  view.setUint32(8, nanoseconds);
  return label;
}

/** Whether timestamp `a` is later than `b`; labels compare as the bytes they are (5.1). */
export function isLater(a: Uint8Array, b: Uint8Array): boolean {
  for (let i = 0; i < 12; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
