import type { FlowKey } from '../packet/flow-key.js';
import type { PeerEntry } from '../rules/peer-entry.js';
import type { Verdict } from '../verdict.js';
import { Flow, type Initiator } from './flow.js';
import { FlowOrder } from './flow-order.js';

/** How many expired flows one insertion clears away: more than it adds, so that they do not pile up. */
const CLEARED_PER_INSERT = 2;

/**
 * The flows in memory, bounded. What peers begin and what this node begins have room of their own, so that no
 * peer can crowd out this node's flows; when either is full, the flow that was idle for longest makes way.
 * Every operation takes constant time.
 */
export class FlowTable {
  readonly #buckets: (Flow | undefined)[];
  readonly #mask: number;
  readonly #order: Readonly<Record<Initiator, FlowOrder>> = { self: new FlowOrder(), peer: new FlowOrder() };
  /** How many flows were forgotten before anybody took them. */
  #missed = 0;

  /**
   * @param capacity the most flows of each initiator
   * @param seed a number that peers cannot know, against flows chosen to share a bucket
   */
  constructor(
    readonly capacity: number,
    readonly seed: number,
  ) {
    const buckets = 2 ** Math.ceil(Math.log2(2 * capacity));
    this.#buckets = new Array<Flow | undefined>(buckets).fill(undefined);
    this.#mask = buckets - 1;
  }

  get size(): number {
    return this.#order.self.size + this.#order.peer.size;
  }

  /** The live flow of this key. */
  find(now: number, key: FlowKey): Flow | undefined {
    let flow = this.#buckets[key.hash(this.seed) & this.#mask];
    while (flow && !flow.key.equals(key)) flow = flow.inBucket;
    if (!flow || flow.expires > now) return flow;
    this.remove(flow);
    return undefined;
  }

  /** Adds a flow whose key is not in the table. The caller says how long it lives. */
  insert(now: number, key: FlowKey, initiator: Initiator, peer: PeerEntry, verdict: Verdict, generation: number): Flow {
    this.#makeRoom(now, this.#order[initiator]);
    const flow = new Flow(key.clone(), key.hash(this.seed), initiator, peer, verdict, generation);
    flow.firstSeen = now;
    flow.inBucket = this.#buckets[flow.hash & this.#mask];
    this.#buckets[flow.hash & this.#mask] = flow;
    this.#order[initiator].append(flow);
    return flow;
  }

  /** Makes it the flow that was used last. */
  touch(flow: Flow): void {
    this.#order[flow.initiator].moveToEnd(flow);
  }

  remove(flow: Flow): void {
    this.#order[flow.initiator].remove(flow);
    const bucket = flow.hash & this.#mask;
    let at = this.#buckets[bucket];
    if (at === flow) this.#buckets[bucket] = flow.inBucket;
    else {
      while (at && at.inBucket !== flow) at = at.inBucket;
      if (at) at.inBucket = flow.inBucket;
    }
    flow.inBucket = undefined;
    if (!flow.taken) this.#missed++;
  }

  /**
   * Takes the flows that had a packet since they were taken last, the newest first: those are at the ends of the two
   * orders, so that no other flow is looked at.
   * @param most flows in the answer
   * @returns them, and how many more there were, those among them that are forgotten by now
   */
  take(most: number): { readonly flows: readonly Flow[]; readonly omitted: number } {
    const flows: Flow[] = [];
    let omitted = this.#missed;
    this.#missed = 0;
    let self = untaken(this.#order.self.newest);
    let peer = untaken(this.#order.peer.newest);
    for (;;) {
      const next = self && (!peer || self.lastSeen >= peer.lastSeen) ? self : peer;
      if (!next) return { flows, omitted };
      if (next === self) self = untaken(next.older);
      else peer = untaken(next.older);
      next.taken = true;
      if (flows.length < most) flows.push(next);
      else omitted++;
    }
  }

  #makeRoom(now: number, order: FlowOrder): void {
    for (let i = 0; i < CLEARED_PER_INSERT && order.oldest && order.oldest.expires <= now; i++)
      this.remove(order.oldest);
    if (order.size >= this.capacity && order.oldest) this.remove(order.oldest);
  }
}

const untaken = (flow: Flow | undefined): Flow | undefined => (flow?.taken ? undefined : flow);
