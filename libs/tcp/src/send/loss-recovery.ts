import type { Range } from '../buffer/range-set.js';
import { DUPLICATE_THRESHOLD } from '../protocol.js';
import type { Cubic } from './cubic.js';
import { ProportionalReduction } from './proportional-reduction.js';
import { Reordering } from './reordering.js';
import { Scoreboard } from './scoreboard.js';

export interface AckNews {
  /** Bytes that it acknowledges for the first time. */
  readonly acked: number;
  readonly blocks: readonly Range[];
  /** It says nothing but what the one before said (RFC 5681, 2). */
  readonly duplicate: boolean;
  /** SND.UNA and SND.NXT after it. */
  readonly una: number;
  readonly nxt: number;
  /** Smoothed, in ms. */
  readonly roundTrip: number;
  /** When what it acknowledges was sent, in whole ms, as far as timestamps tell. */
  readonly sentAt: number | undefined;
}

/**
 * Decides when data is lost and how much may be sent meanwhile: fast recovery with SACK (RFC 6675), without it
 * (NewReno, RFC 6582), and recovery after a timeout.
 */
export class LossRecovery {
  readonly #board = new Scoreboard();
  readonly #reordering = new Reordering();
  #mode: 'open' | 'fast' | 'timeout' = 'open';
  /** The recovery ends when everything up to here is acknowledged. */
  #point = 0;
  #reduction: ProportionalReduction | undefined;
  #window = 0;
  #forced = false;
  /** When the first segment of this fast recovery was sent again, in whole ms; until an answer to it is there. */
  #resentAt: number | undefined;
  #duplicates = 0;

  constructor(
    readonly congestion: Cubic,
    readonly mss: number,
    readonly sackPermitted: boolean,
  ) {}

  get inFastRecovery(): boolean {
    return this.#mode === 'fast';
  }

  pipe(una: number, nxt: number): number {
    return Math.max(0, this.#board.pipe(una, nxt) - this.#duplicates * this.mss);
  }

  /** How many bytes more may be put on their way. */
  allowance(una: number, nxt: number): number {
    const window = this.#mode === 'fast' ? this.#window : this.congestion.window;
    return window - this.pipe(una, nxt);
  }

  /** What is to be sent again next. The first of a recovery goes whatever the window says (RFC 6675, 5, step 4.3). */
  nextLost(una: number): { readonly range: Range; readonly forced: boolean } | undefined {
    const range = this.#mode === 'open' ? undefined : this.#board.nextLost(una);
    return range && { range, forced: this.#forced };
  }

  onResent({ from, to }: Range): void {
    this.#forced = false;
    this.#board.onResent(to);
    this.#reduction?.onSent(to - from);
  }

  onSent(bytes: number): void {
    this.#reduction?.onSent(bytes);
  }

  /** When `onDeadline` wants to be called, in ms. */
  get deadline(): number {
    return this.#reordering.deadline;
  }

  onAck(now: number, news: AckNews): void {
    const { una, nxt, acked, roundTrip } = news;
    const late = acked > 0 && this.#mode === 'open' && this.#board.hasGaps;
    const fresh = this.#board.sack(una, nxt, news.blocks);
    if (late) this.#reordering.onSeen();
    if (acked > 0) this.#advance(news);
    else if (news.duplicate && !this.sackPermitted) this.#countDuplicate(una, nxt);
    this.#board.markLost(this.#reordering.suspect(now, this.#board.suspicious(this.mss), roundTrip));
    this.#beginIfLost(now, una, nxt);
    if (!this.#reduction) return;
    this.#window = this.#reduction.windowAfter(acked + fresh, this.pipe(una, nxt), acked > 0);
  }

  /** The wait for what may only be late may be over. */
  onDeadline(now: number, una: number, nxt: number, roundTrip: number): void {
    if (this.#reordering.deadline > now) return;
    this.#board.markLost(this.#reordering.ripe(now, roundTrip));
    this.#beginIfLost(now, una, nxt);
  }

  /**
   * Nothing was acknowledged for a timeout: all that is on its way counts as lost.
   * @param again whether the one before passed in vain, too
   */
  onTimeout(una: number, nxt: number, again: boolean): void {
    // One reduction for each loss of a flight (RFC 5681, 3.1): the threshold stays when a retransmission is lost.
    if (!again) this.congestion.onTimeout(nxt - una);
    else this.congestion.window = this.mss;
    this.#mode = 'timeout';
    this.#point = nxt;
    this.#duplicates = 0;
    this.#reduction = undefined;
    this.#resentAt = undefined;
    this.#forced = true;
    if (again) this.#board.forget();
    this.#board.resendAll();
    this.#board.markLost(nxt);
  }

  #advance({ una, sentAt }: AckNews): void {
    this.#board.advance(una);
    this.#reordering.advance(una);
    this.#duplicates = 0;
    // What arrived was sent before it was sent again: it was not lost (Eifel detection, RFC 3522).
    const mistaken = this.#resentAt !== undefined && sentAt !== undefined && sentAt < this.#resentAt;
    this.#resentAt = undefined;
    if (mistaken) this.#takeBack();
    else if (this.#mode !== 'open' && una >= this.#point) this.#end();
    else if (this.#mode === 'fast' && !this.sackPermitted) this.#nextHole(una);
  }

  #takeBack(): void {
    this.#reordering.onMistaken();
    this.congestion.undo();
    this.#board.markFound();
    this.#end();
  }

  #beginIfLost(now: number, una: number, nxt: number): void {
    if (this.#mode !== 'open' || una >= nxt || !this.#board.isLost(una)) return;
    const flight = nxt - una;
    this.congestion.onLoss(flight);
    this.#reduction = new ProportionalReduction(this.mss, this.congestion.threshold, flight);
    this.#window = this.pipe(una, nxt);
    this.#mode = 'fast';
    this.#point = nxt;
    this.#forced = true;
    this.#resentAt = Math.floor(now);
  }

  #end(): void {
    this.#mode = 'open';
    this.#reduction = undefined;
    this.#forced = false;
  }

  /** Without SACK, each duplicate stands for a segment that arrived behind the one that is missing. */
  #countDuplicate(una: number, nxt: number): void {
    if ((this.#duplicates + 1) * this.mss > nxt - una) return;
    this.#duplicates++;
    if (this.#mode === 'open' && this.#duplicates >= DUPLICATE_THRESHOLD) this.#board.markLost(una + 1);
  }

  /** Without SACK, an acknowledgement of a part says that what follows is lost as well (RFC 6582, 3.2). */
  #nextHole(una: number): void {
    this.#board.markLost(una + 1);
    this.#forced = true;
  }
}
