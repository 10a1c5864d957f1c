import { chooseCrypto } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { type EventStore, ledgerOrigin } from '#event-store';
import { noteSigner } from '#merkle';
import type { ServerSecret } from '../auth/server-secret.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { TailnetNotary } from './tailnet-notary.js';

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

  /** Makes the trees whole, should the server not have started from the first event. */
  async fill(store: EventStore, tailnets: Tailnets): Promise<void> {
    for (const { tree, stream } of tailnets.all()) await tree.fill(store, stream);
  }
}
