import { setTimeout as pause } from 'node:timers/promises';
import { type LedgerEvent, openKurrentEventStore } from '#event-store';
import { problemOf } from '#kernel';
import { Dice } from '#sim';
import { parseApiToken } from '../../apps/control/src/auth/credential-text.js';
import { Fleet } from './agents/fleet.js';
import type { Cluster } from './cluster.js';
import type { History } from './history/history.js';
import { inflict } from './nemesis/inflict.js';
import type { Round } from './nemesis/schedule.js';
import { Observer } from './observer.js';
import type { RunOptions } from './options.js';
import { Admin } from './workload/admin.js';
import { ReplicaApi } from './workload/replica-api.js';
import { CLOSED_POLICY, OPEN_POLICY } from './workload/wish.js';
import { Workplace } from './workload/workplace.js';

/** What came of a round. */
export interface RoundResult extends Round {
  /** Milliseconds since the Unix epoch. */
  readonly began: number;
  readonly healed: number;
  readonly ended: number;
  /** Why agents and replicas did not come to agree, or not to go on, if so. */
  readonly stuck?: string;
}

/** One run: the cluster, its agents and its admins, from the first start to the last look. */
export class Run {
  readonly results: RoundResult[] = [];
  readonly #admins: Admin[];

  private constructor(
    private readonly cluster: Cluster,
    private readonly fleet: Fleet,
    private readonly place: Workplace,
    private readonly observer: Observer,
    private readonly options: RunOptions,
    private readonly authKey: string,
    private readonly dice: Dice,
  ) {
    this.#admins = Array.from({ length: options.admins }, (_, i) => new Admin(`a${i}`, place, dice.fork()));
  }

  /** Starts everything on a cluster that serves; the fleet ends with `stops`. */
  static async start(cluster: Cluster, options: RunOptions, stops: (() => Promise<unknown>)[]): Promise<Run> {
    const dice = new Dice(options.seed);
    const token = cluster.replicas[0]?.adminToken ?? '';
    const apis = cluster.replicas.map((replica) => new ReplicaApi(() => replica.httpUrl, token));
    const place = new Workplace(apis, parseApiToken(token)?.tokenId ?? '', OWNER);
    await place.insist('first policy', { method: 'PUT', path: 'policy', body: CLOSED_POLICY, event: 'AclPublished' });
    const wish = { user: OWNER, reusable: true, preapproved: true };
    const issued = await place.insist('key of the fleet', {
      method: 'POST',
      path: 'auth-keys',
      body: wish,
      event: 'AuthKeyIssued',
    });
    const addresses = cluster.replicas.map(({ grpcAddress }) => grpcAddress);
    const fleet = await Fleet.start(options.agents, addresses, dice.fork());
    stops.push(() => fleet.kill());
    const observer = new Observer(apis, fleet);
    return new Run(cluster, fleet, place, observer, options, String(issued.key), dice);
  }

  /** All agents join, and have their netmaps. @throws Error when they do not come to that */
  async join(): Promise<void> {
    const { place } = this;
    place.joined(await this.fleet.join(this.options.agents, this.authKey));
    await place.insist('second policy', { method: 'PUT', path: 'policy', body: OPEN_POLICY, event: 'AclPublished' });
    const stuck = await this.observer.settled(this.place.newest, this.#patience);
    if (stuck !== undefined) throw new Error(`before anything went wrong: ${stuck}`);
  }

  /** Plays a round; afterwards everybody agrees, or the result says who does not. */
  async play(round: Round): Promise<RoundResult> {
    const began = Date.now();
    this.#work();
    await pause(round.calm);
    const heal = await inflict({ cluster: this.cluster, fleet: this.fleet, dice: this.dice }, round);
    await pause(round.lasts);
    const healed = Date.now();
    await heal();
    await this.#rest();
    const unsettled = await this.observer.settled(this.place.newest, this.#patience);
    const ended = Date.now();
    // Where everything stands still, all may agree, and nobody can join.
    const stuck = unsettled ?? (await this.#replaceRemoved().catch((error: unknown) => problemOf(error).message));
    const result = { ...round, began, healed, ended, ...(stuck !== undefined && { stuck }) };
    this.results.push(result);
    return result;
  }

  get orders() {
    return this.place.orders;
  }

  /** Everything that anybody saw, after a last look at all replicas. */
  async history(): Promise<History> {
    const isStuck = this.results.some(({ stuck }) => stuck !== undefined);
    const stuck = await this.observer.settled(this.place.newest, isStuck ? 0 : this.#patience);
    await this.place.idle();
    const head = this.observer.ledger.at(-1)?.revision ?? -1;
    if (stuck === undefined) await this.place.lookEverywhere(head);
    const { orders, reads, claims } = this.place;
    const agents = await this.fleet.histories();
    return { orders, reads, claims, agents, ledger: this.observer.ledger, ...(await this.#kept()) };
  }

  get #patience(): number {
    return this.options.patience * 1_000;
  }

  #work(): void {
    for (const admin of this.#admins) admin.work();
  }

  async #rest(): Promise<void> {
    await Promise.all(this.#admins.map((admin) => admin.stop()));
  }

  /** For each node that was removed, another agent joins; and some replace their keys. */
  async #replaceRemoved(): Promise<undefined> {
    const vacancies = this.place.takeVacancies();
    this.place.joined(await this.fleet.join(vacancies, this.authKey));
    const rotating = this.dice.some(this.place.stock.nodes, 0.01);
    await Promise.all(rotating.map((nodeId) => this.fleet.rotate(nodeId)));
    return undefined;
  }

  /** The ledger as it is kept, from the store itself. */
  async #kept(): Promise<Pick<History, 'sealed' | 'damage'>> {
    const sealed: LedgerEvent[] = [];
    const store = await openKurrentEventStore(`kurrentdb://127.0.0.1:${this.cluster.store.port}?tls=false`);
    try {
      const streams = (await store.streams()).filter((name) => name.startsWith('tailnet-'));
      for await (const event of store.read(streams[0] ?? '')) sealed.push(event);
      return { sealed, damage: undefined };
    } catch (error) {
      return { sealed, damage: problemOf(error).message };
    } finally {
      await store.close();
    }
  }
}

/** As the first start calls the owner. */
const OWNER = 'admin@netfold.internal';
