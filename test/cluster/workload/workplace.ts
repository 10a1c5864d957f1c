import { commandIdOf } from '../../../apps/control/src/auth/command-id.js';
import type { Standing } from '../agents/cluster-agent.js';
import type { Claim, Order, Read } from '../history/history.js';
import { READ_PATHS, readFrom } from './read-from.js';
import type { Answer, ReplicaApi } from './replica-api.js';
import type { Stock, Wish } from './wish.js';

/** How long a replica may take to see a revocation in force everywhere, in milliseconds. */
const IN_FORCE_MS = 4_000;
/** And to do what the run itself needs, while the machine may be busy with its start. */
const FIRST_MS = 120_000;

/** Where admins work: what they know of together, and the record of what they did. */
export class Workplace {
  readonly orders: Order[] = [];
  readonly reads: Read[] = [];
  readonly claims: Claim[] = [];
  #vacancies = 0;
  #nodes: string[] = [];
  readonly #routers = new Map<string, string>();
  readonly #changes: string[] = [];
  readonly #asking = new Set<Promise<void>>();

  /** @param tokenId of the token that all admins use */
  constructor(
    readonly replicas: readonly ReplicaApi[],
    private readonly tokenId: string,
    private readonly owner: string,
  ) {}

  get stock(): Stock {
    const routers = this.#nodes.flatMap((nodeId) => {
      const prefix = this.#routers.get(nodeId);
      return prefix === undefined ? [] : [{ nodeId, prefix }];
    });
    return { owner: this.owner, nodes: this.#nodes, routers, changes: this.#changes };
  }

  get newest(): number {
    return Math.max(-1, ...this.orders.map(({ answer }) => answer?.revision ?? -1));
  }

  /** The id in the ledger of what is ordered under an idempotency key. */
  commandId(key: string): string {
    return commandIdOf(`token:${this.tokenId}`, key);
  }

  /** How many nodes were removed since this was asked last. */
  takeVacancies(): number {
    const vacancies = this.#vacancies;
    this.#vacancies = 0;
    return vacancies;
  }

  /** Carries out what the run itself needs, before anything goes wrong. @throws Error when it is refused */
  async insist(key: string, wish: Pick<Wish, 'method' | 'path' | 'body' | 'event'>): Promise<Answer['body']> {
    const sentAt = Date.now();
    const headers = { 'idempotency-key': key };
    const answer = await this.replicas[0]?.call(wish.method, wish.path, wish.body, headers, FIRST_MS);
    if (answer?.status !== 200 && answer?.status !== 201) throw new Error(`${key}: ${answer?.text ?? 'no answer'}`);
    const { revision, events = [] } = answer.body as { revision: number; events?: { id: string }[] };
    this.orders.push({
      commandId: this.commandId(key),
      what: key,
      event: wish.event,
      leaves: true,
      mark: '',
      tries: [{ replica: 0, sentAt, endedAt: Date.now(), result: 'done', revision }],
      answer: { revision, eventIds: events.map(({ id }) => id) },
    });
    return answer.body;
  }

  /** Reads from every replica, each to be at this revision at least. */
  async lookEverywhere(minRevision: number): Promise<void> {
    for (const [replica, api] of this.replicas.entries()) {
      for (const path of READ_PATHS) this.read(await readFrom(api, replica, path, minRevision));
    }
  }

  joined(standings: readonly Standing[]): void {
    for (const { nodeId, prefix } of standings) {
      this.#nodes.push(nodeId);
      if (prefix !== undefined) this.#routers.set(nodeId, prefix);
    }
  }

  /** Nobody else wants anything of a node that somebody wants removed. */
  wanted({ removes }: Wish): void {
    this.#nodes = this.#nodes.filter((nodeId) => nodeId !== removes);
  }

  proposed(changeId: string): void {
    if (!this.#changes.includes(changeId)) this.#changes.push(changeId);
  }

  ended({ removes, event, mark }: Wish, order: Order): void {
    this.orders.push(order);
    if (event === 'ChangeApplied') this.#changes.splice(this.#changes.indexOf(mark), 1);
    if (removes === undefined) return;
    this.#vacancies += 1;
    if (order.answer) this.#watch(order.answer.revision, order.tries.at(-1)?.replica ?? 0);
  }

  /** @param read undefined when nothing was answered */
  read(read: Read | undefined): void {
    if (read) this.reads.push(read);
  }

  /** Answers when no question is open. */
  async idle(): Promise<void> {
    await Promise.all(this.#asking);
  }

  /** Asks whether a revocation is in force, and keeps what is said. */
  #watch(revision: number, replica: number): void {
    const asking = this.#ask(revision, replica);
    this.#asking.add(asking);
    void asking.finally(() => this.#asking.delete(asking));
  }

  async #ask(revision: number, replica: number): Promise<void> {
    const path = `trace/${revision}?wait=${IN_FORCE_MS}`;
    const answer = await this.replicas[replica]?.call('GET', path, undefined, {}, 2 * IN_FORCE_MS);
    const saidAt = Date.now();
    if (answer?.status === 200 && answer.body.inForceAt !== undefined) this.claims.push({ replica, revision, saidAt });
  }
}
