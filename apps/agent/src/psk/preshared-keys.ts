import type { Crypto, KeyPair } from '#crypto';
import { type Problem, problemOf, type Random } from '#kernel';
import { Agreement, type AgreementState, EMPTY_RECORD, type PairRecord, presharedKeysOf } from '#psk';
import type { Letter } from '#wire';
import type { Tunnel } from '../engine/tunnel.js';
import type { PairRecords } from './pair-records.js';

/** How long a pre-shared key is used, ms. */
const PERIOD_MS = 3_600_000;
/** The longest that a timer sleeps, ms. */
const LONGEST_SLEEP_MS = 60_000;

export interface PresharedKeysPorts {
  readonly crypto: Crypto;
  readonly random: Random;
  /** Milliseconds since the Unix epoch, by a clock that never goes back. */
  readonly now: () => number;
  readonly tunnel: Tunnel;
  readonly ownId: string;
  /** The node key that the tailnet knows. */
  readonly ownKey: () => KeyPair;
  /** A peer's node key, by the netmap; undefined when there is no such peer. */
  readonly keyOf: (id: string) => Uint8Array | undefined;
  readonly write: (letter: Letter) => void;
  readonly log: (line: string) => void;
}

/** How far two nodes are. `old`: the peer cannot agree on keys. */
export type PresharedKeyState = Omit<AgreementState, 'kind'> & { readonly kind: AgreementState['kind'] | 'old' };

/**
 * The pre-shared keys of this node's tunnels. They are agreed on with a peer as soon as there is a session with it,
 * which is not waited for: it begins without one, and is replaced a moment later. With peers that nobody talks to,
 * nothing is agreed on.
 */
export class PresharedKeys {
  readonly #agreements = new Map<string, Agreement>();
  #connected = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  /** Before the tunnel has its peers: they begin with what is known. */
  constructor(
    readonly ports: PresharedKeysPorts,
    readonly records: PairRecords,
  ) {
    for (const [id, record] of records.known) ports.tunnel.agree(id, presharedKeysOf(record));
  }

  /** Whether the control plane carries letters at the moment. */
  setConnected(connected: boolean): void {
    this.#connected = connected;
    for (const id of this.#agreements.keys()) this.learn(id);
  }

  /** A session with the peer began, or the last one ended. */
  session(id: string, inUse: boolean): void {
    if (this.#closed) return;
    const known = inUse ? this.#of(id) : this.#agreements.get(id);
    known?.setInUse(this.ports.now(), inUse);
    this.#sleep();
  }

  /** The newest about a peer's presence is known. */
  learn(id: string): void {
    const agreement = this.#agreements.get(id);
    if (!agreement) return;
    agreement.setReachable(this.ports.now(), this.#reaches(id));
    this.#sleep();
  }

  /** Node keys may be others, and peers may be gone. */
  follow(): void {
    const now = this.ports.now();
    for (const [id, agreement] of this.#agreements) {
      const names = this.#names(id);
      if (names) agreement.setNames(now, names);
    }
    for (const id of this.records.known.keys()) if (!this.ports.keyOf(id)) this.#forget(id);
    this.#sleep();
  }

  letter({ nodeId, content }: Letter): void {
    this.#of(nodeId)?.receive(this.ports.now(), content);
    this.#sleep();
  }

  /** Another key for the tunnel to this peer, now. */
  renew(id: string): void {
    this.#of(id)?.renew(this.ports.now());
    this.#sleep();
  }

  stateOf(id: string): PresharedKeyState {
    const { online, endpoints = [], takesLetters } = this.ports.tunnel.reachability.presenceOf(id) ?? {};
    // A node that has just come has yet to say where it is, and what it can do.
    const isOld = online && endpoints.length > 0 && !takesLetters;
    const record = this.records.known.get(id);
    const { kind, ...state } = this.#agreements.get(id)?.state ?? stored(record);
    return { kind: kind !== 'active' && isOld ? 'old' : kind, ...state };
  }

  /** What a person should look at, with the id of the peer. */
  get problems(): { readonly id: string; readonly problem: Problem }[] {
    return [...this.#agreements].flatMap(
      ([
        id,
        {
          state: { problem },
        },
      ]) => (problem ? [{ id, problem }] : []),
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.records.saved().catch(() => {}); // it is among the problems
  }

  #of(id: string): Agreement | undefined {
    return this.#agreements.get(id) ?? this.#make(id);
  }

  #make(id: string): Agreement | undefined {
    const names = this.#names(id);
    if (!names) return undefined;
    const { crypto, random, tunnel } = this.ports;
    let before = this.records.known.get(id) ?? EMPTY_RECORD;
    const agreement = new Agreement({
      ...{ crypto, random, names, period: PERIOD_MS, record: before },
      effects: {
        send: (content) => void this.#send({ nodeId: id, content }),
        changed: (record) => {
          this.records.put(id, record);
          if (!sameKeys(before, record)) this.#putInForce(id, record);
          before = record;
        },
        agreed: () => tunnel.renew(id),
        tampered: ({ message, code }) => this.ports.log(`ALARM: ${id}: ${message} [${code}]`),
      },
    });
    this.#agreements.set(id, agreement);
    agreement.setReachable(this.ports.now(), this.#reaches(id));
    return agreement;
  }

  /** A data path that was just lost takes no keys: the next ones follow within the hour. */
  #putInForce(id: string, record: PairRecord): void {
    try {
      this.ports.tunnel.agree(id, presharedKeysOf(record));
    } catch (error) {
      this.ports.log(`a pre-shared key is not in force yet: ${problemOf(error).message}`);
    }
  }

  #names(id: string) {
    const { ownId, ownKey, keyOf } = this.ports;
    const theirs = keyOf(id);
    return theirs && { ownId, theirId: id, own: ownKey(), theirs };
  }

  #forget(id: string): void {
    this.#agreements.delete(id);
    this.records.delete(id);
    this.ports.tunnel.agree(id, presharedKeysOf(EMPTY_RECORD));
  }

  #reaches(id: string): boolean {
    const { online, takesLetters } = this.ports.tunnel.reachability.presenceOf(id) ?? {};
    return this.#connected && online === true && takesLetters === true;
  }

  /** What a letter says must be on the disk before it leaves; when it cannot be, it does not leave. */
  async #send(letter: Letter): Promise<void> {
    await this.records.saved().then(
      () => this.ports.write(letter),
      () => {},
    );
  }

  /** One timer for all, until the first of them has something to do. */
  #sleep(): void {
    clearTimeout(this.#timer);
    if (this.#closed) return;
    let next = Number.POSITIVE_INFINITY;
    for (const agreement of this.#agreements.values()) next = Math.min(next, agreement.nextTimer());
    if (next === Number.POSITIVE_INFINITY) return;
    const wait = Math.max(0, Math.min(LONGEST_SLEEP_MS, next - this.ports.now()));
    this.#timer = setTimeout(() => this.#wake(), wait).unref();
  }

  #wake(): void {
    const now = this.ports.now();
    for (const agreement of this.#agreements.values()) if (agreement.nextTimer() <= now) agreement.tick(now);
    this.#sleep();
  }
}

const stored = (record: PairRecord | undefined): AgreementState =>
  record?.key ? { kind: 'active', ...(record.since !== undefined && { since: record.since }) } : { kind: 'idle' };

const sameKeys = (one: PairRecord, other: PairRecord): boolean =>
  one.key === other.key && one.pending === other.pending && one.former === other.former;
