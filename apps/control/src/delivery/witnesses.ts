import type { Clock } from '#kernel';
import type { DeliveryLog } from './delivery-log.js';
import { StreamWitness } from './stream-witness.js';

/** One witness for each stream of this process. A node has one stream; a second one replaces the first. */
export class Witnesses {
  readonly #byNode = new Map<string, StreamWitness>();

  constructor(
    private readonly log: DeliveryLog,
    private readonly clock: Clock,
  ) {}

  of(tailnet: string, nodeId: string): StreamWitness | undefined {
    return this.#byNode.get(`${tailnet} ${nodeId}`);
  }

  open(tailnet: string, nodeId: string): StreamWitness {
    const witness = new StreamWitness(nodeId, (fact) => this.log.note(tailnet, fact), this.clock);
    this.#byNode.set(`${tailnet} ${nodeId}`, witness);
    return witness;
  }

  /** The stream of this witness has ended. */
  closed(tailnet: string, witness: StreamWitness): void {
    witness.left();
    const key = `${tailnet} ${witness.nodeId}`;
    if (this.#byNode.get(key) === witness) this.#byNode.delete(key);
  }
}
