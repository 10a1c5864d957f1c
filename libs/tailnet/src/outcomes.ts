import { List, Map as PersistentMap } from 'immutable';

/** How many commands are remembered before the oldest is forgotten. */
const WINDOW = 65_536;

/** What became of a command. */
interface Outcome {
  readonly revision: number;
  /** Of what the command was to do; empty when whoever sent it gave none. */
  readonly print: string;
}

/**
 * Which commands have been carried out, and at which revision the last event of each stands. Immutable.
 *
 * An id may end in `:print`, a fingerprint of what the command is to do. Ids that agree up to there are one and the same
 * command, so that an id which was used for something else is noticed.
 */
export class Outcomes {
  static readonly NONE = new Outcomes(PersistentMap<string, Outcome>(), List<string>());

  private constructor(
    /** By id, without the fingerprint. */
    private readonly outcomes: PersistentMap<string, Outcome>,
    /** Oldest first. */
    private readonly order: List<string>,
  ) {}

  /** What `entries` gave. */
  static of(entries: Iterable<readonly [commandId: string, revision: number]>): Outcomes {
    const outcomes = [...entries].map(([commandId, revision]) => {
      const [id, print] = split(commandId);
      return [id, { revision, print }] as const;
    });
    return new Outcomes(PersistentMap(outcomes), List(outcomes.map(([id]) => id)));
  }

  /** Every command that is remembered, the oldest first. */
  *entries(): Generator<readonly [commandId: string, revision: number]> {
    for (const id of this.order) {
      const { revision, print } = this.outcomes.get(id) as Outcome;
      yield [print === '' ? id : `${id}:${print}`, revision];
    }
  }

  get size(): number {
    return this.order.size;
  }

  /** The revision of the last event that this command caused; undefined when it caused none or is forgotten. */
  revisionOf(commandId: string): number | undefined {
    const [id, print] = split(commandId);
    const known = this.outcomes.get(id);
    return known && agree(known.print, print) ? known.revision : undefined;
  }

  /** Whether this id was used for another command. */
  contradict(commandId: string): boolean {
    const [id, print] = split(commandId);
    const known = this.outcomes.get(id);
    return known !== undefined && !agree(known.print, print);
  }

  /** Notes an event that the command caused. */
  with(commandId: string, revision: number): Outcomes {
    const [id, print] = split(commandId);
    const outcomes = this.outcomes.set(id, { revision, print });
    if (outcomes.size === this.outcomes.size) return new Outcomes(outcomes, this.order);
    const order = this.order.push(id);
    const oldest = order.first();
    if (order.size <= WINDOW || oldest === undefined) return new Outcomes(outcomes, order);
    return new Outcomes(outcomes.delete(oldest), order.shift());
  }
}

function split(commandId: string): readonly [id: string, print: string] {
  const end = commandId.indexOf(':');
  return end < 0 ? [commandId, ''] : [commandId.slice(0, end), commandId.slice(end + 1)];
}

const agree = (a: string, b: string): boolean => a === b || a === '' || b === '';
