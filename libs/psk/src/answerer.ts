import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import { equalBytes, type Random } from '#kernel';
import type { ReceivedLetter } from './letter.js';
import type { PairKeys } from './pair-keys.js';
import { withFormer, withKey } from './pair-record.js';
import { Retries } from './retries.js';
import type { Side, SideState } from './side.js';

const SEED_BYTES = 32;

/** The side that answers offers. It asks for one where it has no key; all else it leaves to the other. */
export class Answerer implements Side {
  private readonly retries = new Retries();
  /** The offer that was answered last, and the answer, should it be lost. */
  private answered: { readonly offer: Uint8Array; readonly answer: Uint8Array } | undefined;

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

  begin(now: number): void {
    this.retries.start(now);
  }

  hurry(now: number): void {
    if (this.retries.attempts > 0) this.retries.start(now);
  }

  forget(): void {
    this.answered = undefined;
  }

  tick(now: number, keys: PairKeys): void {
    if (!this.retries.isDue(now)) return;
    this.state.send(keys.write('request', this.state.record().epoch));
    this.retries.said(now);
  }

  receive(now: number, keys: PairKeys, letter: ReceivedLetter): boolean {
    if (letter.kind === 'offer') return keys.verify(letter) && this.offered(keys, letter);
    return letter.kind === 'confirm' && this.confirmed(now, keys, letter);
  }

  /** The key is accepted from now on, and not answered with: the offerer may never get it. */
  private offered(keys: PairKeys, { epoch, content, bytes }: ReceivedLetter): boolean {
    const record = this.state.record();
    if (this.answered && equalBytes(this.answered.offer, bytes)) {
      this.state.send(this.answered.answer);
      return true;
    }
    if (epoch <= record.epoch) {
      this.state.send(keys.write('behind', record.epoch));
      return true;
    }
    const encapsulated = this.encapsulate(content);
    if (!encapsulated) return false;
    const { cipherText, sharedSecret } = encapsulated;
    const { presharedKey, answerKey } = keys.derive(sharedSecret, bytes, cipherText);
    const answer = keys.write('answer', epoch, cipherText, answerKey);
    keys.crypto.wipe(answerKey);
    this.answered = { offer: bytes, answer };
    this.state.change({
      ...record,
      epoch,
      pending: presharedKey,
      former: withFormer(record, record.pending),
      settled: false,
    });
    this.state.send(answer);
    return true;
  }

  /** Undefined for what is no encapsulation key (FIPS 203, 7.2). */
  private encapsulate(key: Uint8Array): ReturnType<typeof ml_kem768.encapsulate> | undefined {
    const seed = this.random.bytes(SEED_BYTES);
    try {
      return ml_kem768.encapsulate(key, seed);
    } catch {
      return undefined;
    } finally {
      seed.fill(0);
    }
  }

  private confirmed(now: number, keys: PairKeys, letter: ReceivedLetter): boolean {
    const record = this.state.record();
    const { pending, key } = record;
    const agreed = pending ?? key;
    if (!agreed || letter.epoch !== record.epoch) return true; // of an agreement that is over, or was lost
    const closing = keys.closing(agreed);
    if (!keys.verify(letter, closing)) return false;
    if (pending) this.state.change({ ...withKey(record, pending, now, keys.context), settled: true });
    this.retries.stop();
    this.answered = undefined;
    this.state.send(keys.write('done', record.epoch, undefined, closing));
    if (pending) this.state.agreed();
    return true;
  }
}
