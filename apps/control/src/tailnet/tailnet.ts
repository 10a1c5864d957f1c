import type { EventStore, StoredEvent } from '#event-store';
import type { Clock } from '#kernel';
import type { PersonKeys } from '#personal-data';
import { LedgerTree } from '../checkpoint/ledger-tree.js';
import { Names } from '../ledger/names.js';
import { NetmapProjection } from '../netmap/netmap-projection.js';
import type { PresenceBus } from '../presence/presence-bus.js';
import { PresenceDirectory } from '../presence/presence-directory.js';
import { Convergence } from '../stream/convergence.js';
import { StreamHub } from '../stream/stream-hub.js';
import { TailnetFold } from './tailnet-fold.js';
import { TailnetWriter } from './tailnet-writer.js';

/** What a tailnet needs of the process it lives in. */
export interface TailnetPorts {
  readonly store: EventStore;
  readonly people: PersonKeys;
  readonly presence: PresenceBus;
  readonly clock: Clock;
}

const PREFIX = 'tailnet-';

/** The stream that is the ledger of a tailnet. */
export const streamOf = (tailnetId: string): string => PREFIX + tailnetId;

/** The tailnet whose ledger a stream is, if it is one. */
export const tailnetOf = (stream: string): string | undefined =>
  stream.startsWith(PREFIX) ? stream.slice(PREFIX.length) : undefined;

/** One tailnet in this process: its writer, and what the subscription keeps up to date about it. */
export class Tailnet {
  readonly stream: string;
  readonly fold = new TailnetFold();
  readonly tree = new LedgerTree();
  readonly netmaps = new NetmapProjection();
  readonly names = new Names();
  readonly presence = new PresenceDirectory();
  readonly writer: TailnetWriter;
  readonly hub: StreamHub;

  constructor(
    readonly id: string,
    { store, people, presence, clock }: TailnetPorts,
  ) {
    this.stream = streamOf(id);
    this.writer = new TailnetWriter(this.stream, store, this.fold, people, clock);
    this.hub = new StreamHub(id, this.netmaps, this.presence, presence, new Convergence(), clock);
  }

  /** Takes the next event of the stream: state, then netmaps, then the agents that it concerns. */
  apply(event: StoredEvent): void {
    this.tree.apply(event);
    this.names.apply(event);
    this.fold.apply(event);
    const step = this.netmaps.apply(event, this.fold.state);
    this.hub.changed(step);
    if (event.type === 'NodeRemoved') this.presence.delete(String(event.data.nodeId));
  }
}
