import { type Change, mergeChanges } from './change.js';
import type { Network } from './network.js';

/** A network as of a revision, and how it came from the one before it. */
export interface Moment {
  readonly revision: number;
  readonly network: Network;
  readonly change: Change;
}

/** The way from one network to a later one. */
export interface Span {
  readonly before: Network;
  readonly after: Network;
  readonly change: Change;
}

/** Many agents resume from few revisions: a span is merged once for all of them. */
const REMEMBERED_SPANS = 64;

/**
 * The last networks, so that a stream can be brought from any of their revisions to any later one in a single step.
 * They share all that did not change.
 */
export class Timeline {
  /** Oldest first, revisions ascending. */
  readonly #moments: Moment[] = [];
  readonly #spans = new Map<string, Span>();

  /** @param capacity how many moments are kept, at least 1 */
  constructor(private readonly capacity: number) {}

  get latest(): Moment | undefined {
    return this.#moments.at(-1);
  }

  get oldest(): Moment | undefined {
    return this.#moments[0];
  }

  /** Appends a moment; its revision must be above all others, and its change relative to the one before it. */
  push(moment: Moment): void {
    this.#moments.push(moment);
    // Dropped in batches, so that appending does not move the whole array each time.
    if (this.#moments.length >= 2 * this.capacity) this.#moments.splice(0, this.#moments.length - this.capacity);
    this.#spans.clear();
  }

  /** The network at exactly this revision, while it is kept. */
  at(revision: number): Network | undefined {
    return this.#moments[this.#indexOf(revision)]?.network;
  }

  /** The step between two revisions that are both kept, `from` not after `to`; undefined otherwise. */
  between(from: number, to: number): Span | undefined {
    const key = `${from}:${to}`;
    const known = this.#spans.get(key);
    if (known) return known;
    const [start, end] = [this.#indexOf(from), this.#indexOf(to)];
    const [before, after] = [this.#moments[start], this.#moments[end]];
    if (!before || !after || start > end) return undefined;
    const changes = this.#moments.slice(start + 1, end + 1).map((moment) => moment.change);
    // A value of its own: what is worked out about a change lives as long as the change, and moments live long.
    const change = { ...mergeChanges(...changes) };
    const span = { before: before.network, after: after.network, change };
    if (this.#spans.size >= REMEMBERED_SPANS) this.#spans.clear();
    this.#spans.set(key, span);
    return span;
  }

  /** Its index, or -1. */
  #indexOf(revision: number): number {
    let [low, high] = [0, this.#moments.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = (this.#moments[middle] as Moment).revision;
      if (found === revision) return middle;
      if (found < revision) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
