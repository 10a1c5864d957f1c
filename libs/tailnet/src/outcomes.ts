import { List, Map as PersistentMap } from 'immutable';

/** How many commands are remembered before the oldest is forgotten. */
const WINDOW = 65_536;

/** Which commands have been carried out, and at which revision the last event of each stands. Immutable. */
export class Outcomes {
  static readonly NONE = new Outcomes(PersistentMap<string, number>(), List<string>());

  private constructor(
    private readonly revisions: PersistentMap<string, number>,
    /** Oldest first. */
    private readonly order: List<string>,
  ) {}

  get size(): number {
    return this.order.size;
  }

  /** The revision of the last event that this command caused; undefined when it caused none or is forgotten. */
  revisionOf(commandId: string): number | undefined {
    return this.revisions.get(commandId);
  }

  /** Notes an event that the command caused. */
  with(commandId: string, revision: number): Outcomes {
    const revisions = this.revisions.set(commandId, revision);
    if (revisions.size === this.revisions.size) return new Outcomes(revisions, this.order);
    const order = this.order.push(commandId);
    const oldest = order.first();
    if (order.size <= WINDOW || oldest === undefined) return new Outcomes(revisions, order);
    return new Outcomes(revisions.delete(oldest), order.shift());
  }
}
