import type { Refusals, Source } from './refusals.js';

/** Strangers' messages beyond what is served, in a window of ms, that make a flood. */
const FLOOD = 1_000;
const WINDOW = 1_000;
/** A source that so many of those come from is heard no more, and at most so many are. */
const HEAVY = FLOOD / 10;
const MOST_BLOCKED = 100;
/** How long that lasts before all are heard again: as long as an honest one waits between two tries (5 s, 6.1). */
const HOLD = 5_000;
/** By how much fewer of all strangers get through, at each step, where no few sources are to blame; and the fewest. */
const STEP = 16;
const FEWEST = STEP ** 3;

/** What can refuse messages of handshakes before they cost this process anything. */
export interface HandshakeGate<P> {
  /** Lets no handshake of the blocked sources through, and of initiations of other strangers one in `oneIn`. @returns whether it can */
  narrow(blocked: readonly P[], oneIn: number): boolean;
  /** Lets all through. */
  open(): void;
}

/**
 * Notices a flood of handshakes, and has it refused where that costs least: the sources that it comes from, or if there are too
 * many of them, as with forged ones, ever more of all strangers, which are those from whom nothing authenticated came.
 * Sessions, and their renewal from the same addresses, are not touched.
 */
export class FloodGuard<P extends Source> {
  #windowStart = Number.NEGATIVE_INFINITY;
  readonly #blocked = new Map<string, P>();
  #oneIn = 1;
  #until = Number.POSITIVE_INFINITY;

  constructor(
    readonly refusals: Refusals<P>,
    readonly gate: HandshakeGate<P>,
  ) {
    gate.open(); // who guarded it before may have ended during a flood
  }

  /** Milliseconds after which to look again, though nothing has come; Infinity while all are heard. */
  patience(now: number): number {
    return Math.max(0, this.#until - now);
  }

  /** To be called often. */
  look(now: number): void {
    const isFlood = this.refusals.total > FLOOD;
    if (isFlood) this.#narrow(now);
    else if (now >= this.#until) this.#open();
    if (isFlood || now - this.#windowStart >= WINDOW) {
      this.refusals.clear();
      this.#windowStart = now;
    }
  }

  #narrow(now: number): void {
    const heavy = this.refusals.heavy(HEAVY);
    const areToBlame = heavy.reduce((sum, { count }) => sum + count, 0) > FLOOD / 2;
    const [blocked, oneIn] = [this.#blocked.size, this.#oneIn];
    for (const { path } of heavy) if (this.#blocked.size < MOST_BLOCKED) this.#blocked.set(path.source, path);
    if (!areToBlame && this.refusals.initiations > FLOOD / 2) this.#oneIn = Math.min(FEWEST, oneIn * STEP);
    const isSame = this.#blocked.size === blocked && this.#oneIn === oneIn;
    if (isSame && this.#until === Number.POSITIVE_INFINITY) return;
    if (isSame || this.gate.narrow([...this.#blocked.values()], this.#oneIn)) this.#until = now + HOLD;
    else this.#forget();
  }

  #open(): void {
    this.#forget();
    this.gate.open();
  }

  #forget(): void {
    this.#blocked.clear();
    this.#oneIn = 1;
    this.#until = Number.POSITIVE_INFINITY;
  }
}
