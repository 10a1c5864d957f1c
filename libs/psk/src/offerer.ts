import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import type { Random } from '#kernel';
import type { ReceivedLetter } from './letter.js';
import type { PairKeys } from './pair-keys.js';
import { withKey } from './pair-record.js';
import { Retries } from './retries.js';
import type { Side, SideState } from './side.js';

const SEED_BYTES = 64;
/** Requests within so many ms of the last offer are met by that: whoever carries letters may repeat them. */
const REQUEST_INTERVAL = 2_000;
/** Confirmations that stay unanswered while the peer is there: it has forgotten what it answered. */
const MOST_CONFIRMATIONS = 6;

interface Offer {
  readonly epoch: number;
  /** For decapsulation; it leaves no memory but this, and is wiped with the answer. */
  readonly secretKey: Uint8Array;
  readonly letter: Uint8Array;
}

/** The side that offers, repeats what is not answered, and sees to it that keys are replaced in time. */
export class Offerer implements Side {
  private readonly retries = new Retries();
  private offer: Offer | undefined;
  private begunAt = Number.NEGATIVE_INFINITY;
  /** Whether `record.key` is of the newest epoch. Unknown to who has just started: it may have offered anew before it stopped. */
  private confirming = false;

  constructor(
    private readonly state: SideState,
    private readonly random: Random,
  ) {}

  get attempts(): number {
    return this.retries.attempts;
  }

  nextTimer(): number {
    return this.retries.next;
  }

  begin(now: number, keys: PairKeys): void {
    this.drop();
    this.begunAt = now;
    this.confirming = false;
    const seed = this.random.bytes(SEED_BYTES);
    const { publicKey, secretKey } = ml_kem768.keygen(seed);
    keys.crypto.wipe(seed);
    const epoch = Math.max(this.state.record().epoch + 1, Math.trunc(now));
    this.offer = { epoch, secretKey, letter: keys.write('offer', epoch, publicKey) };
    // Not settled until it is answered: who stops in between offers anew, and the peer keeps no half of a key.
    this.state.change({ ...this.state.record(), epoch, settled: false });
    this.hurry(now);
  }

  hurry(now: number): void {
    if (this.offer || !this.state.record().settled) this.retries.start(now);
  }

  /** The node keys are others: an offer under the former ones comes to nothing. */
  forget(): void {
    this.drop();
    this.retries.stop();
  }

  tick(now: number, keys: PairKeys): void {
    if (!this.retries.isDue(now)) return;
    const forgotten = !this.confirming || this.retries.attempts >= MOST_CONFIRMATIONS;
    if (!this.offer && forgotten) this.begin(now, keys);
    if (this.offer) this.state.send(this.offer.letter);
    else this.confirm(keys);
    this.retries.said(now);
  }

  receive(now: number, keys: PairKeys, letter: ReceivedLetter): boolean {
    switch (letter.kind) {
      case 'request':
        return keys.verify(letter) && this.requested(now, keys);
      case 'behind':
        return keys.verify(letter) && this.behind(now, keys, letter.epoch);
      case 'answer':
        return this.answered(now, keys, letter);
      case 'done':
        return this.done(keys, letter);
      default:
        return false;
    }
  }

  private requested(now: number, keys: PairKeys): boolean {
    if (!this.offer && now - this.begunAt >= REQUEST_INTERVAL) this.begin(now, keys);
    return true;
  }

  private behind(now: number, keys: PairKeys, epoch: number): boolean {
    const record = this.state.record();
    if (!this.offer || epoch < this.offer.epoch) return true;
    this.state.change({ ...record, epoch: Math.max(record.epoch, epoch) });
    this.begin(now, keys);
    return true;
  }

  /** The key is ours to answer with: the peer had it before it wrote this. */
  private answered(now: number, keys: PairKeys, letter: ReceivedLetter): boolean {
    const { offer } = this;
    if (letter.epoch !== offer?.epoch) return true; // of an offer that is over
    const secret = ml_kem768.decapsulate(letter.content, offer.secretKey);
    const { presharedKey, answerKey } = keys.derive(secret, offer.letter, letter.content);
    if (!keys.verify(letter, answerKey)) {
      keys.crypto.wipe(presharedKey, answerKey);
      return false;
    }
    this.drop();
    this.confirming = true;
    this.state.change({ ...withKey(this.state.record(), presharedKey, now, keys.context), settled: false });
    this.retries.start(now);
    return true;
  }

  private done(keys: PairKeys, letter: ReceivedLetter): boolean {
    const record = this.state.record();
    if (!record.key || letter.epoch !== record.epoch || this.offer) return true;
    if (!keys.verify(letter, keys.closing(record.key))) return false;
    this.retries.stop();
    if (!record.settled) this.state.change({ ...record, settled: true });
    return true;
  }

  private confirm(keys: PairKeys): void {
    const { epoch, key } = this.state.record();
    if (key) this.state.send(keys.write('confirm', epoch, undefined, keys.closing(key)));
  }

  private drop(): void {
    this.offer?.secretKey.fill(0);
    this.offer = undefined;
  }
}
