import { chooseCrypto } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { type EventStore, isUnreadable, ledgerHasher, ledgerOrigin } from '#event-store';
import type { Problem } from '#kernel';
import { noteSigner, type SavedTree, TileTree } from '#merkle';
import type { ServerSecret } from '../auth/server-secret.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { TailnetNotary } from './tailnet-notary.js';
import type { TreeCache } from './tree-cache.js';

/** So many new events take a start a noticeable time: the next one shall not need it. */
const WORTH_SAVING = 10_000;

/** Signs the ledgers of this server, each with a key of its own that follows from the server's secret. */
export class Notary {
  readonly #crypto = chooseCrypto([() => new NativeCrypto()]);
  readonly #byTailnet = new Map<Tailnet, TailnetNotary>();

  constructor(private readonly secrets: ServerSecret) {}

  of(tailnet: Tailnet): TailnetNotary {
    const known = this.#byTailnet.get(tailnet);
    if (known) return known;
    const seed = this.secrets.derive('ledger checkpoints', tailnet.id);
    const signer = noteSigner(this.#crypto, ledgerOrigin(tailnet.stream), seed);
    const fresh = new TailnetNotary(tailnet.tree, signer);
    this.#byTailnet.set(tailnet, fresh);
    return fresh;
  }

  /**
   * Makes the trees whole, from those of the last run and the store: a start does not see every event.
   * @param fault told of a ledger that does not continue the one of the last run
   */
  async fill(
    store: EventStore,
    tailnets: Tailnets,
    cache: TreeCache,
    fault: (problem: Problem) => void,
  ): Promise<void> {
    for (const tailnet of tailnets.all()) {
      try {
        await this.#fillOne(store, tailnet, cache, fault);
      } catch (error) {
        if (!isUnreadable(error)) throw error;
        tailnet.pause({ revision: tailnet.tree.size }, error);
      }
    }
  }

  /** What a tailnet stands still before is not vouched for. */
  async #fillOne(
    store: EventStore,
    tailnet: Tailnet,
    cache: TreeCache,
    fault: (problem: Problem) => void,
  ): Promise<void> {
    const { tree, stream, paused } = tailnet;
    const saved = cache.load(stream);
    if (saved) await tree.adopt(store, stream, saved);
    await tree.fill(store, stream, paused?.revision);
    if (saved && !this.of(tailnet).hasBeen(headOf(saved))) fault(otherLedger(stream, saved.size, tree.size));
    if (tree.size - (saved?.size ?? 0) > WORTH_SAVING) cache.save(stream, tree.save());
  }

  /** Keeps the trees for the next run. */
  save(tailnets: Tailnets, cache: TreeCache): void {
    for (const { tree, stream } of tailnets.all()) cache.save(stream, tree.save());
  }
}

const headOf = (saved: SavedTree) => ({ size: saved.size, root: new TileTree(ledgerHasher, saved).root });

const otherLedger = (stream: string, then: number, now: number): Problem => ({
  code: 'ledger.not_continued',
  message: `the ledger was rolled back or rewritten since this server ran last: it had ${then} events then, now ${now}`,
  where: stream,
  hint: 'machines refuse it until somebody accepts it on each (netfold ledger accept): do so only after restoring a backup',
});
