import type { Crypto } from '#crypto';
import { equalBytes, type Problem, type Random } from '#kernel';
import { Answerer } from './answerer.js';
import { readLetter } from './letter.js';
import { Offerer } from './offerer.js';
import { isOfferer, PairKeys, type PairNames } from './pair-keys.js';
import type { PairRecord } from './pair-record.js';
import type { Side, SideState } from './side.js';

/** Former keys are forgotten so long after the last handshake that may have been made with one, ms: as sessions are. */
const OVERLAP_MS = 180_000;
/** A period is shortened by up to a tenth, so that the pairs of a node do not all take their turn at once. */
const JITTER = 0.1;
/** Letters in vain, after which a person is told. */
const MANY_ATTEMPTS = 5;

export interface AgreementEffects {
  /** To the peer, by whoever carries letters. It must not leave before what `changed` told last is on the disk. */
  send(letter: Uint8Array): void;
  /** To be kept, and put in force at once. */
  changed(record: PairRecord): void;
  /** Both answer with the new key: a session that was made without it may be renewed. */
  agreed(): void;
  /** Somebody between the two has altered a letter, or written one. */
  tampered(problem: Problem): void;
}

export interface AgreementState {
  /** `active`: there is a key. `agreeing`: there is none yet. `idle`: there is none, and none is wanted. */
  readonly kind: 'active' | 'agreeing' | 'idle';
  /** When the key was agreed on, ms since the Unix epoch. */
  readonly since?: number;
  /** What a person should look at. */
  readonly problem?: Problem;
}

export interface AgreementOptions {
  readonly crypto: Crypto;
  readonly random: Random;
  readonly names: PairNames;
  readonly record: PairRecord;
  /** A key is replaced after so many ms, while the pair is in use. */
  readonly period: number;
  readonly effects: AgreementEffects;
}

/**
 * One side of a pair of nodes that agrees on WireGuard pre-shared keys, over a carrier that it does not trust: the
 * control plane. Without sockets, clocks or timers; `now` is in ms since the Unix epoch, by a clock that never goes back.
 *
 * The protocol, between the node with the lesser id (offerer, O) and the other (answerer, A), who know each other's
 * node keys o and a from the netmap:
 *
 *     S       = X25519(o, a)                                        nobody else can compute it
 *     context = SHA-256(protocol ‖ id of O ‖ o ‖ id of A ‖ a)
 *     M       = HKDF(salt context, S)
 *     O → A   offer:   epoch, ek                                    a fresh ML-KEM-768 key (FIPS 203); HMAC under M
 *     A       (K, ct) = Encaps(ek);  psk ‖ C = HKDF(salt SHA-256(context ‖ offer ‖ ct), K ‖ S);  A accepts psk
 *     A → O   answer:  epoch, ct                                    HMAC under C
 *     O       K = Decaps(ct), forgets its decapsulation key;  O answers handshakes with psk
 *     O → A   confirm: epoch                                        HMAC under a key from psk;  A answers with psk
 *     A → O   done:    epoch                                        O repeats `confirm` until then
 *
 * Each letter names both node keys, and its MAC covers it whole. What is lost is said again; what comes twice is
 * answered in the same way. Each side keeps its record before its letter leaves, so either may stop at any time.
 *
 * Why it holds:
 * - Secrecy: psk is a secret as long as either ML-KEM-768 or X25519 is unbroken (both enter one HKDF under a hash of
 *   all that was said). In WireGuard, psk is mixed into each session beside fresh X25519 secrets: who records traffic
 *   and letters today, and has a quantum computer later, has neither K nor the sessions. The decapsulation key lives
 *   for one exchange, and psk for one period: what is stolen from a machine opens nothing older.
 * - Who carries the letters learns nothing, and cannot swap ek or ct: without S it has neither M nor C. It is found
 *   out (`tampered`). It can only keep letters, which is seen in the status; or replace the node keys themselves,
 *   which is seen in the ledger. A quantum computer at the time of the agreement could compute S: authentication is
 *   as good as WireGuard's own, and no better.
 * - Replays: an offer counts once, by its epoch; other letters are bound to their offer by the key of their MAC.
 * - WireGuard mixes the key in where the second message is made: who answers chooses, who begins tries those that it
 *   knows. Each side answers with a key only when the other surely accepts it, so no order of events, and no stop in
 *   between, makes a handshake fail. Former keys are accepted for three minutes more.
 * - Downgrade: an answer without a key is accepted, but only the peer itself can write one (WireGuard authenticates
 *   it by a), and it does so only when it has no key. That is so before the first agreement, and when its record is
 *   lost; then the pair goes on without one, says so in the status, and agrees anew as soon as letters are carried.
 */
export class Agreement {
  private readonly side: Side;
  private readonly jitter: number;
  private keys: PairKeys | undefined;
  private current: PairRecord;
  private inUse = false;
  private reachable = false;
  private forgetAt = Number.POSITIVE_INFINITY;
  private tampering: Problem | undefined;

  constructor(private readonly options: AgreementOptions) {
    const { crypto, random, names, record, effects } = options;
    this.current = record.settled ? { ...record, former: [] } : record;
    const state: SideState = {
      record: () => this.current,
      change: (next) => this.change(next),
      send: (letter) => effects.send(letter),
      agreed: () => effects.agreed(),
    };
    this.side = isOfferer(names) ? new Offerer(state, random) : new Answerer(state, random);
    this.keys = PairKeys.of(crypto, names);
    this.jitter = 1 - (JITTER * (random.bytes(1)[0] ?? 0)) / 256;
  }

  get record(): PairRecord {
    return this.current;
  }

  get state(): AgreementState {
    const { key, since } = this.current;
    const problem = this.tampering ?? (this.side.attempts >= MANY_ATTEMPTS ? UNANSWERED : undefined);
    const kind = key ? 'active' : this.inUse ? 'agreeing' : 'idle';
    return { kind, ...(since !== undefined && key && { since }), ...(problem && { problem }) };
  }

  /** When `tick` has something to do; Infinity while nothing is due. */
  nextTimer(): number {
    const work = this.reachable ? Math.min(this.side.nextTimer(), this.renewalAt()) : Number.POSITIVE_INFINITY;
    return Math.min(work, this.forgetAt);
  }

  tick(now: number): void {
    if (now >= this.forgetAt) {
      this.forgetAt = Number.POSITIVE_INFINITY;
      this.change({ ...this.current, former: [] });
    }
    if (!this.keys || !this.reachable) return;
    if (now >= this.renewalAt()) this.side.begin(now, this.keys);
    this.side.tick(now, this.keys);
  }

  /** Whether packets go between the two: only then keys are agreed on, and replaced. */
  setInUse(now: number, inUse: boolean): void {
    this.inUse = inUse;
    this.tick(now);
  }

  /** Whether letters get to the peer. */
  setReachable(now: number, reachable: boolean): void {
    if (reachable && !this.reachable) this.side.hurry(now);
    this.reachable = reachable;
    this.tick(now);
  }

  /** One of the two has another node key: what is being agreed on is agreed on anew, and what was stays in force. */
  setNames(now: number, names: PairNames): void {
    const before = this.keys?.names ?? this.options.names;
    if (equalBytes(before.theirs, names.theirs) && equalBytes(before.own.publicKey, names.own.publicKey)) return;
    this.keys?.wipe();
    this.keys = PairKeys.of(this.options.crypto, names);
    this.side.forget();
    this.tick(now);
  }

  /** Another key, whatever the age of this one. */
  renew(now: number): void {
    if (this.keys) this.side.begin(now, this.keys);
    this.tick(now);
  }

  receive(now: number, bytes: Uint8Array): void {
    const letter = readLetter(bytes);
    if (!letter || !this.keys) return;
    // One of the two has a key that the other has yet to hear of: what is said is said again.
    if (!this.keys.fits(letter)) return;
    if (this.side.receive(now, this.keys, letter)) this.tick(now);
    else this.alarm();
  }

  /** When another key is due; Infinity while that is not for this side to see to, or already under way. */
  private renewalAt(): number {
    const { key, context, since = 0 } = this.current;
    const { keys } = this;
    if (!this.inUse || !keys || this.side.nextTimer() !== Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    if (!key) return Number.NEGATIVE_INFINITY;
    if (!isOfferer(keys.names)) return Number.POSITIVE_INFINITY;
    if (!context || !equalBytes(context, keys.context)) return Number.NEGATIVE_INFINITY;
    return since + this.options.period * this.jitter;
  }

  private change(record: PairRecord): void {
    const settles = record.settled && record.former.length > 0;
    if (record.key !== this.current.key) this.tampering = undefined;
    this.current = record;
    this.forgetAt = settles ? (record.since ?? 0) + OVERLAP_MS : Number.POSITIVE_INFINITY;
    this.options.effects.changed(record);
  }

  private alarm(): void {
    this.tampering = TAMPERED;
    this.options.effects.tampered(TAMPERED);
  }
}

const TAMPERED: Problem = {
  code: 'psk.tampered',
  message: 'what this node and the peer say to each other about pre-shared keys was altered on the way',
  hint: 'the control plane carries it, and cannot be trusted: find out who runs it',
};

const UNANSWERED: Problem = {
  code: 'psk.unanswered',
  message: 'the peer does not answer about pre-shared keys, or is kept from it',
  hint: 'see whether its agent is up to date and connected to the control plane',
};
