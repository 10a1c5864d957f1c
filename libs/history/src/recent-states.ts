import type { TailnetState } from '#tailnet';

/** What is asked about the past is asked again, or about what is near. */
const CAPACITY = 8;

/** The states that were used last, by revision. */
export class RecentStates {
  /** The one that was used last comes last. */
  #states: readonly TailnetState[] = [];

  get(revision: number): TailnetState | undefined {
    const found = this.#states.find((state) => state.revision === revision);
    if (found) this.put(found);
    return found;
  }

  put(state: TailnetState): void {
    const others = this.#states.filter(({ revision }) => revision !== state.revision);
    this.#states = [...others, state].slice(-CAPACITY);
  }

  /** The newest that is not after a revision. */
  before(revision: number): TailnetState | undefined {
    const earlier = this.#states.filter((state) => state.revision <= revision);
    return earlier.sort((a, b) => a.revision - b.revision).at(-1);
  }

  clear(): void {
    this.#states = [];
  }
}
