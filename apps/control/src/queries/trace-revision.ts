import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { StoredEvent } from '#event-store';
import { DeliveryLog } from '../delivery/delivery-log.js';
import { departuresOf } from '../delivery/departures.js';
import { type Effect, effectOf } from '../delivery/effect.js';
import { type Trace, traceOf } from '../delivery/trace.js';
import { Witnesses } from '../delivery/witnesses.js';
import { eventAt } from '../ledger/event-at.js';
import { Ledger } from '../ledger/ledger.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** An event, what it did to netmaps, and how that came to the nodes. */
export interface TracedRevision {
  readonly event: StoredEvent;
  readonly effect: Effect;
  readonly trace: Trace;
}

/** When did an event take effect at whom? */
export class TraceRevision extends Query<TracedRevision> {
  /** @param until answers as soon as nobody is behind, and at the latest when this aborts; undefined: at once */
  constructor(
    readonly tailnet: Tailnet,
    readonly revision: number,
    readonly until?: AbortSignal,
  ) {
    super();
  }
}

/** Effects do not change, and who waits for one asks again. */
const REMEMBERED_EFFECTS = 16;

/** Puts the ledger, the delivery log and the streams of this moment together. */
@QueryHandler(TraceRevision)
export class TraceRevisionHandler implements IQueryHandler<TraceRevision> {
  readonly #effects = new Map<string, Promise<Effect>>();

  constructor(
    private readonly ledger: Ledger,
    private readonly log: DeliveryLog,
    private readonly witnesses: Witnesses,
  ) {}

  async execute({ tailnet, revision, until }: TraceRevision): Promise<TracedRevision> {
    const event = await eventAt(this.ledger.store, tailnet, revision);
    const effect = await this.#effectOf(tailnet, event);
    for (;;) {
      const trace = await this.#trace(tailnet, event, effect);
      if (trace.behind === 0 || !until || until.aborted) return { event, effect, trace };
      const behind = trace.nodes.filter(({ state }) => state === 'behind').map(({ nodeId }) => nodeId);
      await this.#progress(tailnet, revision, behind, until);
    }
  }

  #effectOf(tailnet: Tailnet, event: StoredEvent): Promise<Effect> {
    const known = this.#effects.get(event.hash) ?? effectOf(tailnet, event);
    this.#effects.delete(event.hash);
    this.#effects.set(event.hash, known);
    known.catch(() => this.#effects.delete(event.hash));
    for (const hash of this.#effects.keys()) if (this.#effects.size > REMEMBERED_EFFECTS) this.#effects.delete(hash);
    return known;
  }

  async #trace(tailnet: Tailnet, event: StoredEvent, effect: Effect): Promise<Trace> {
    const { id, names, presence } = tailnet;
    const isOnline = (nodeId: string) => presence.get(nodeId)?.online === true;
    const nodeIds = new Set(effect.diffs.keys());
    const evidence = this.log.evidence(id, event.revision, event.recordedAt, nodeIds);
    const departures = await departuresOf(this.ledger.store, tailnet, effect, event.recordedAt);
    const silent = [...nodeIds].filter((one) => !evidence.has(one) && !departures.has(one) && !isOnline(one));
    const lastHeard = this.log.lastHeard(id, new Set(silent));
    return traceOf({
      event,
      effect,
      evidence,
      gaps: this.log.gaps(event.recordedAt),
      goneSince: (nodeId) => departures.get(nodeId),
      nameOf: (nodeId) => names.of(nodeId, event.revision),
      sentAt: (nodeId) => this.witnesses.of(id, nodeId)?.sentAt(event.revision),
      isOnline,
      lastSeen: (nodeId) => presence.get(nodeId)?.lastSeen ?? lastHeard.get(nodeId),
    });
  }

  /** Resolves when none of these is behind any more by what they say, when one has left the network, or at the end. */
  async #progress(tailnet: Tailnet, revision: number, behind: readonly string[], until: AbortSignal): Promise<void> {
    const waiting = new Set(behind);
    const settled = new AbortController();
    const stop = this.log.listen(tailnet.id, ({ kind, nodeId, holds }) => {
      if (kind !== 'left' && holds >= revision) waiting.delete(nodeId);
      if (waiting.size === 0) settled.abort();
    });
    const signal = AbortSignal.any([until, settled.signal]);
    const { netmaps, fold } = tailnet;
    const allTakePart = () => behind.every((nodeId) => netmaps.latest.nodes.get(nodeId)?.presence);
    try {
      while (!signal.aborted && allTakePart()) await fold.reached(fold.state.revision + 1, signal).catch(() => {});
    } finally {
      stop();
    }
  }
}
