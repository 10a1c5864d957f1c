import { hash } from 'node:crypto';
import type { StoredEvent } from '#event-store';
import { concatBytes, fromHex } from '#kernel';
import {
  advance,
  affectedViewers,
  type Change,
  type Digest,
  diffNetmaps,
  diffView,
  digestOfView,
  emptyChange,
  emptyNetwork,
  type Netmap,
  type NetmapDiff,
  type Network,
  networkFromScratch,
  peersOf,
  type Span,
  seeEachOther,
  Timeline,
  viewOf,
} from '#netmap';
import { type TailnetState, upcast } from '#tailnet';
import { type Cause, encodeItem } from '#wire';
import type { NetmapSource } from '../stream/netmap-source.js';

/** So many revisions an agent may be behind and still resume with a difference. */
export const REMEMBERED = 1_024;

/** What an event did, or would do, to the netmaps. */
export interface NetmapStep {
  readonly before: Network;
  readonly after: Network;
  readonly change: Change;
  /** Works out the nodes whose netmaps changed, and perhaps some more; a replay has nobody to tell, and need not. */
  affected(): Iterable<string>;
}

/** The netmaps of one tailnet, as far as the subscription has come. */
export class NetmapProjection implements NetmapSource {
  #timeline = new Timeline(REMEMBERED);
  #epoch: Uint8Array = new Uint8Array();
  #cause: Cause | undefined;

  get epoch(): Uint8Array {
    return this.#epoch;
  }

  get cause(): Cause | undefined {
    return this.#cause;
  }

  get latest(): Network {
    return this.#timeline.latest?.network ?? emptyNetwork;
  }

  get oldest(): Network {
    return this.#timeline.oldest?.network ?? emptyNetwork;
  }

  /**
   * Starts from a state, as if the events up to it had come one after the other; the networks before it are not
   * remembered.
   * @param first the first event of the stream
   * @param last the one that the state is after
   */
  startFrom(first: StoredEvent, last: StoredEvent, state: TailnetState): void {
    this.#epoch = epochOf(first);
    this.#cause = causeOf(last);
    this.#timeline.push({ revision: state.revision, network: networkFromScratch(state), change: emptyChange });
  }

  /** Goes on from what was worked out elsewhere from the same events. */
  adopt(other: NetmapProjection): void {
    this.#timeline = other.#timeline;
    this.#epoch = other.#epoch;
    this.#cause = other.#cause;
  }

  /** What the next event does; nothing has changed yet. @param state after it */
  next(stored: StoredEvent, state: TailnetState): NetmapStep {
    const before = this.latest;
    const event = upcast(stored);
    const { revision } = stored;
    const { network: after, change } = event
      ? advance(before, state, event)
      : { network: { ...before, revision }, change: emptyChange };
    return { before, after, change, affected: () => affectedViewers(before, after, change) };
  }

  /** Takes the next event. @param state after it */
  apply(stored: StoredEvent, state: TailnetState, step = this.next(stored, state)): NetmapStep {
    if (stored.revision === 0) this.#epoch = epochOf(stored);
    this.#timeline.push({ revision: stored.revision, network: step.after, change: step.change });
    this.#cause = causeOf(stored);
    return step;
  }

  /** The step that the event of this revision made, while it and the one before are remembered. */
  stepTo(revision: number): Span | undefined {
    return this.#timeline.between(revision - 1, revision);
  }

  at(revision: number): Network | undefined {
    return this.#timeline.at(revision);
  }

  view(network: Network, nodeId: string): Netmap {
    return viewOf(network, nodeId);
  }

  digest(network: Network, nodeId: string): Digest {
    return digestOfView(network, nodeId, encodeItem);
  }

  peers(network: Network, nodeId: string): Iterable<string> {
    const record = network.nodes.get(nodeId);
    return record ? peersOf(network, record) : [];
  }

  seeEachOther(network: Network, one: string, other: string): boolean {
    return seeEachOther(network, one, other);
  }

  diff(from: Network, nodeId: string): NetmapDiff {
    const { latest } = this;
    const span = this.#timeline.between(from.revision, latest.revision);
    if (span) return diffView(span.before, span.after, nodeId, span.change);
    // The agent was blocked for so long that the way is forgotten; its two ends are not.
    return diffNetmaps(viewOf(from, nodeId), viewOf(latest, nodeId));
  }
}

const causeOf = ({ id, type, recordedAt }: StoredEvent): Cause => ({ eventId: id, type, recordedAt });

const epochOf = (first: StoredEvent): Uint8Array =>
  hash('sha256', concatBytes(Buffer.from('netfold epoch\0'), fromHex(first.hash) ?? new Uint8Array()), 'buffer');
