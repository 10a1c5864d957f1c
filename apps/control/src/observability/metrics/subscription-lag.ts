/** A stream that has events which the subscription has not brought yet. */
interface Behind {
  /** Up to which it is applied. */
  applied: number;
  /** Ends that it is known to have, and since when; oldest first. */
  ends: { readonly revision: number; readonly since: number }[];
}

/**
 * How far the subscription is behind what this process knows to be stored. What only other replicas know shows when their
 * `netfold_ledger_events` are compared.
 */
export class SubscriptionLag {
  readonly #behind = new Map<string, Behind>();
  readonly #applied = new Map<string, number>();

  /** @param now monotonic, in milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  get events(): number {
    let sum = 0;
    for (const { applied, ends } of this.#behind.values()) sum += (ends.at(-1)?.revision ?? applied) - applied;
    return sum;
  }

  get seconds(): number {
    let oldest = this.now();
    const now = oldest;
    for (const { ends } of this.#behind.values()) oldest = Math.min(oldest, ends[0]?.since ?? oldest);
    return (now - oldest) / 1_000;
  }

  /** This process has stored what follows one revision of a stream, up to another; it may have come back already. */
  stored(stream: string, after: number, revision: number): void {
    if ((this.#applied.get(stream) ?? -1) >= revision) return;
    const behind = this.#behind.get(stream);
    const end = { revision, since: this.now() };
    if (behind) behind.ends.push(end);
    else this.#behind.set(stream, { applied: after, ends: [end] });
  }

  /** The subscription has come to this revision. */
  applied(stream: string, revision: number): void {
    this.#applied.set(stream, revision);
    const behind = this.#behind.get(stream);
    if (!behind) return;
    behind.applied = revision;
    while (behind.ends[0] && behind.ends[0].revision <= revision) behind.ends.shift();
    if (behind.ends.length === 0) this.#behind.delete(stream);
  }
}
