import { place } from '../errors.js';
import { EMPTY_HEAD, type Head } from '../event.js';
import { type KurrentRow, requireWhole } from './event-codec.js';
import { kurrentCorrupt } from './kurrent-error.js';

/** What has come of a stream: its last event, and the revision of the first. */
interface Passed extends Head {
  readonly first: number;
}

/**
 * Follows events as they come from a server that is not to be believed: each must be what its hash says, continue what
 * came before it in its stream, and stand behind everything that came before. Of a stream that was not seen yet, any
 * event may be the first.
 */
export class ChainGuard {
  readonly #streams = new Map<string, Passed>();
  #position = -1;

  constructor(private readonly name: string) {}

  /** Whether it has come before: delivered twice, an event is the same event. */
  hasPassed({ stream, revision, position }: Pick<KurrentRow, 'stream' | 'revision' | 'position'>): boolean {
    const passed = this.#streams.get(stream);
    return (
      passed !== undefined && position <= this.#position && revision >= passed.first && revision <= passed.revision
    );
  }

  /** @throws NetfoldError `store.corrupt` */
  pass(row: KurrentRow): KurrentRow {
    const { stream, revision, hash, previous, position } = requireWhole(this.name, row);
    if (position <= this.#position) {
      throw kurrentCorrupt(this.name, `${place(row)} comes at position ${position}, behind ${this.#position}`);
    }
    const passed = this.#streams.get(stream);
    const head = passed ?? (revision === 0 ? EMPTY_HEAD : { revision: revision - 1, hash: previous });
    if (revision !== head.revision + 1) {
      throw kurrentCorrupt(this.name, `${place(row)} comes where revision ${head.revision + 1} belongs`);
    }
    if (previous !== head.hash) {
      throw kurrentCorrupt(this.name, `${place(row)} does not continue what stands before it`);
    }
    this.#streams.set(stream, { first: passed?.first ?? revision, revision, hash });
    this.#position = position;
    return row;
  }
}
