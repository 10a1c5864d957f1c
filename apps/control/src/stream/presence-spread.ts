/** The least time between two rounds in which peers are told of presences, in milliseconds. */
const PAUSE_MS = 250;

/**
 * When peers are told that somebody came, went or moved: at once when all is quiet, and in rounds when a thousand nodes
 * come back together, so that each peer hears of them in a few messages and not in a thousand.
 */
export class PresenceSpread {
  #changed = new Set<string>();
  #pause: NodeJS.Timeout | undefined;

  constructor(private readonly tell: (nodeIds: Iterable<string>) => void) {}

  add(nodeId: string): void {
    this.#changed.add(nodeId);
    this.#pause ??= setTimeout(() => this.#round(), 0).unref();
  }

  close(): void {
    clearTimeout(this.#pause);
  }

  #round(): void {
    const changed = this.#changed;
    this.#changed = new Set();
    this.#pause = changed.size > 0 ? setTimeout(() => this.#round(), PAUSE_MS).unref() : undefined;
    this.tell(changed);
  }
}
