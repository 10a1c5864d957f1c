import { checkedStore, type EventStore } from '#event-store';
import { EventCodec } from '#tailnet';
import { type Coordination, openCoordination } from '../coordination/coordination.js';
import { openStore } from '../ledger/open-store.js';
import type { Observability } from '../observability/observability.js';
import { observedStore } from '../observability/observed-store.js';
import { openObservability } from '../observability/open-observability.js';
import { learningStore } from '../personal-data/learning-store.js';
import { readableStore } from '../personal-data/readable-store.js';
import { VERSION } from '../version.js';
import type { Setting } from './setting.js';

/** The ledger at its stages from what is on the disk to what this release reads, and what stands beside it. */
export interface Storage {
  /** As it is stored. */
  readonly sealed: EventStore;
  /** Held to its hashes. */
  readonly checked: EventStore;
  /** With names of people, and events as this release knows them. */
  readonly store: EventStore;
  readonly codec: EventCodec;
  readonly coordination: Coordination;
  readonly observability: Observability;
}

/** @throws NetfoldError `store.…`, `cluster.other_secret`, `register.…`, `people.…`, `control.bad_trace_endpoint` */
export async function openStorage({ options, secrets, clock, logger, stops }: Setting): Promise<Storage> {
  const sealed = await openStore(options, logger);
  stops.push(() => sealed.close());
  const coordination = await openCoordination(options, secrets, logger);
  stops.push(() => coordination.close());
  const { observability, close } = await openObservability(options, VERSION, clock, logger);
  stops.push(close);
  const { people, isShared } = coordination;
  const checked = checkedStore(sealed);
  const codec = new EventCodec(options.versions);
  const readable = readableStore(isShared ? learningStore(checked, people) : checked, people, codec);
  return { sealed, checked, store: observedStore(readable, observability, clock), codec, coordination, observability };
}
