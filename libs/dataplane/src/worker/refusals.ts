/** Who a message came from, as far as that is kept apart. */
export interface Source {
  readonly source: string;
}

/** Counts handshake messages that were refused, and to whom, until that is cleared. Bounded by whoever clears it after so many. */
export class Refusals<P extends Source> {
  total = 0;
  /** How many of them would begin a handshake; the others answer none that was begun here. */
  initiations = 0;
  readonly #bySource = new Map<string, { readonly path: P; count: number }>();

  note(path: P, isInitiation: boolean): void {
    this.total++;
    if (isInitiation) this.initiations++;
    const known = this.#bySource.get(path.source);
    if (known) known.count++;
    else this.#bySource.set(path.source, { path, count: 1 });
  }

  /** A path of each source that was refused so often. */
  heavy(atLeast: number): { readonly path: P; readonly count: number }[] {
    return [...this.#bySource.values()].filter(({ count }) => count >= atLeast);
  }

  clear(): void {
    this.total = 0;
    this.initiations = 0;
    this.#bySource.clear();
  }
}
