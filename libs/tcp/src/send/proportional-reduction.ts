/**
 * Spreads what may be sent during a fast recovery over the acknowledgements that arrive, so that the window shrinks
 * without a silence and without a burst: Proportional Rate Reduction (RFC 9937). In bytes.
 */
export class ProportionalReduction {
  #delivered = 0;
  #sent = 0;

  /**
   * @param threshold what the window shall be in the end
   * @param flight what was on its way when the loss was found
   */
  constructor(
    readonly mss: number,
    readonly threshold: number,
    readonly flight: number,
  ) {}

  /**
   * What may be on its way after an acknowledgement that says that `delivered` more bytes arrived; `pipe` are on their way.
   * @param progress whether it was one that shows that the recovery works
   */
  windowAfter(delivered: number, pipe: number, progress: boolean): number {
    this.#delivered += delivered;
    if (pipe > this.threshold) {
      const share = Math.ceil((this.#delivered * this.threshold) / Math.max(this.flight, this.mss));
      return pipe + Math.max(0, share - this.#sent);
    }
    const limit = Math.max(this.#delivered - this.#sent, delivered) + (progress ? this.mss : 0);
    return pipe + Math.min(this.threshold - pipe, limit);
  }

  onSent(bytes: number): void {
    this.#sent += bytes;
  }
}
