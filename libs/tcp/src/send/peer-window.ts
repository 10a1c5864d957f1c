/** What the peer takes (RFC 9293, 3.10.7.4, fifth). Offsets are of the streams. */
export class PeerWindow {
  /** The first offset that the peer does not take yet. */
  edge = 0;
  size = 0;
  /** The largest that the peer ever offered. */
  most = 0;
  #sequence = Number.NEGATIVE_INFINITY;
  #acknowledgement = Number.NEGATIVE_INFINITY;

  /** Takes the window of a segment, unless a newer one has spoken. Answers whether it changed the window. */
  update(sequence: number, acknowledgement: number, size: number): boolean {
    const newer =
      sequence > this.#sequence || (sequence === this.#sequence && acknowledgement >= this.#acknowledgement);
    if (!newer) return false;
    this.#sequence = sequence;
    this.#acknowledgement = acknowledgement;
    const changed = size !== this.size;
    this.size = size;
    this.most = Math.max(this.most, size);
    this.edge = acknowledgement + size;
    return changed;
  }
}
