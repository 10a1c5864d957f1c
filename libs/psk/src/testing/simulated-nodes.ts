import { type Crypto, type KeyPair, newDhKeyPair } from '#crypto';
import type { Problem, Random } from '#kernel';
import { Agreement } from '../agreement.js';
import { EMPTY_RECORD, type PairRecord, presharedKeysOf } from '../pair-record.js';

export type Name = 'alice' | 'bob';

/** A letter on its way. */
export interface Carried {
  readonly from: Name;
  readonly letter: Uint8Array;
}

interface Node {
  keys: KeyPair;
  /** What the disk has. */
  record: PairRecord;
  agreement: Agreement;
  readonly agreed: number[];
  readonly problems: Problem[];
}

const other = (name: Name): Name => (name === 'alice' ? 'bob' : 'alice');
const LATENCY_MS = 20;

/** Two nodes, Alice who offers and Bob who answers, and a control plane that may do to their letters what it wants. */
export class SimulatedNodes {
  now = 1_800_000_000_000;
  readonly nodes: Readonly<Record<Name, Node>>;
  /** What becomes of a letter: those that go on, and after how many ms more. */
  carry: (carried: Carried) => readonly { readonly letter: Uint8Array; readonly delay: number }[] = ({ letter }) => [
    { letter, delay: 0 },
  ];
  /** Looks at the state after every step. */
  check: () => void = () => {};
  private underWay: { readonly at: number; readonly to: Name; readonly letter: Uint8Array }[] = [];

  constructor(
    readonly crypto: Crypto,
    readonly random: Random,
    readonly period = 3_600_000,
  ) {
    const keys = { alice: newDhKeyPair(crypto, random), bob: newDhKeyPair(crypto, random) };
    const node = (name: Name): Node => {
      const base = { keys: keys[name], record: EMPTY_RECORD, agreed: [], problems: [] };
      return { ...base, agreement: this.make(name, keys[name], keys[other(name)].publicKey, EMPTY_RECORD) };
    };
    this.nodes = { alice: node('alice'), bob: node('bob') };
  }

  /** Both are connected and talk to each other. */
  use(): this {
    for (const { agreement } of Object.values(this.nodes)) {
      agreement.setReachable(this.now, true);
      agreement.setInUse(this.now, true);
    }
    return this;
  }

  /** The program begins anew with what the disk has. @param lost the disk has nothing any more */
  restart(name: Name, lost = false): void {
    const node = this.nodes[name];
    if (lost) node.record = EMPTY_RECORD;
    node.agreement = this.make(name, node.keys, this.nodes[other(name)].keys.publicKey, node.record);
    node.agreement.setReachable(this.now, true);
    node.agreement.setInUse(this.now, true);
  }

  /** A new node key, of which the other hears later. */
  rotate(name: Name): () => void {
    const node = this.nodes[name];
    node.keys = newDhKeyPair(this.crypto, this.random);
    this.rename(name);
    return () => this.rename(other(name));
  }

  /** Lets time pass, with everything that happens in it. */
  advance(duration: number): void {
    const end = this.now + duration;
    for (;;) {
      const timers = Object.values(this.nodes).map(({ agreement }) => agreement.nextTimer());
      const next = Math.min(...timers, ...this.underWay.map(({ at }) => at));
      if (next > end) break;
      this.now = Math.max(this.now, next);
      const due = this.underWay.filter(({ at }) => at <= this.now);
      this.underWay = this.underWay.filter(({ at }) => at > this.now);
      for (const { to, letter } of due) this.nodes[to].agreement.receive(this.now, letter);
      for (const { agreement } of Object.values(this.nodes)) agreement.tick(this.now);
      this.check();
    }
    this.now = end;
  }

  /** Whether a handshake that `name` begins makes a session: one of those that it knows is what the other answers with. */
  canBegin(name: Name): boolean {
    const { presharedKey, alsoAccepted } = presharedKeysOf(this.nodes[name].record);
    const { presharedKey: answer } = presharedKeysOf(this.nodes[other(name)].record);
    return [presharedKey, ...alsoAccepted].some((key) => Buffer.compare(key, answer) === 0);
  }

  private rename(name: Name): void {
    this.nodes[name].agreement.setNames(this.now, this.namesOf(name));
  }

  private namesOf(name: Name) {
    const { keys } = this.nodes[name];
    return { ownId: name, theirId: other(name), own: keys, theirs: this.nodes[other(name)].keys.publicKey };
  }

  private make(name: Name, own: KeyPair, theirs: Uint8Array, record: PairRecord): Agreement {
    const { crypto, random, period } = this;
    return new Agreement({
      ...{ crypto, random, period, record, names: { ownId: name, theirId: other(name), own, theirs } },
      effects: {
        send: (letter) => this.send(name, letter),
        changed: (next) => {
          this.nodes[name].record = next;
        },
        agreed: () => this.nodes[name].agreed.push(this.now),
        tampered: (problem) => this.nodes[name].problems.push(problem),
      },
    });
  }

  private send(from: Name, letter: Uint8Array): void {
    for (const { letter: carried, delay } of this.carry({ from, letter })) {
      this.underWay.push({ at: this.now + LATENCY_MS + delay, to: other(from), letter: carried });
    }
  }
}
