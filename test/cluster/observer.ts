import { setTimeout as pause } from 'node:timers/promises';
import type { LedgerEvent } from '#event-store';
import { toHex } from '#kernel';
import { advance, digestOfView, emptyNetwork } from '#netmap';
import { evolve, initialState } from '#tailnet';
import { encodeItem } from '#wire';
import type { Fleet } from './agents/fleet.js';
import type { ReplicaApi } from './workload/replica-api.js';

const PAGE = 1_000;
const BETWEEN_LOOKS_MS = 50;

/** Follows the ledger as the replicas show it, to tell whether the agents have what it says. */
export class Observer {
  readonly ledger: LedgerEvent[] = [];
  #state = initialState;
  #network = emptyNetwork;

  constructor(
    private readonly replicas: readonly ReplicaApi[],
    private readonly fleet: Fleet,
  ) {}

  /**
   * Waits until all replicas are at the newest revision that was answered to anybody, and each agent that is a member holds
   * what the ledger says there.
   * @returns why not, when it did not come to that in time
   */
  async settled(newest: number, patience: number): Promise<string | undefined> {
    const deadline = performance.now() + patience;
    for (;;) {
      const why = (await this.#catchUp(newest)) ?? (await this.#unsettled());
      if (why === undefined || performance.now() > deadline) return why;
      await pause(BETWEEN_LOOKS_MS);
    }
  }

  async #catchUp(newest: number): Promise<string | undefined> {
    for (const [number, replica] of this.replicas.entries()) {
      for (;;) {
        const answer = await replica.call('GET', `events?limit=${PAGE}&after=${this.#state.revision}`);
        if (answer?.status !== 200) return `replica ${number} does not show its ledger: ${answer?.text ?? 'no answer'}`;
        if (answer.revision < newest) return `replica ${number} is at ${answer.revision}, not at ${newest}`;
        const events = answer.body.events as LedgerEvent[];
        for (const event of events) this.#take(event);
        if (events.length < PAGE) break;
      }
    }
    return undefined;
  }

  #take(event: LedgerEvent): void {
    this.ledger.push(event);
    this.#state = evolve(this.#state, event, event);
    this.#network = advance(this.#network, this.#state, event).network;
  }

  async #unsettled(): Promise<string | undefined> {
    const nodes = new Set(this.#state.nodes.keys());
    const behind: string[] = [];
    for (const { nodeId, name, member, connected, digest, revision, replica } of await this.fleet.standings()) {
      const isNode = nodes.delete(nodeId);
      if (!member && !isNode) continue;
      const agrees = digest === toHex(digestOfView(this.#network, nodeId, encodeItem));
      if (member !== isNode || !connected || !agrees) {
        behind.push(`${name} (${connected ? 'at' : 'away from'} replica ${replica}, revision ${revision})`);
      }
    }
    if (behind.length === 0 && nodes.size === 0) return undefined;
    return `${behind.length} agents are behind ${this.#state.revision}, ${behind.slice(0, 3).join(', ')}; ${nodes.size} nodes have none`;
  }
}
