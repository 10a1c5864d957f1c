import type { Verdict } from '../verdict.js';

const PAGE = 256;

/** Which verdict each of the 65,536 ports has, found in two reads however many ranges there are. */
export class PortTable {
  readonly #verdicts: (Verdict | undefined)[] = [undefined];
  /** For a page that is all alike: the index of its verdict. */
  readonly #uniform = new Uint32Array(65536 / PAGE);
  /** For the others: an index per port. */
  readonly #pages: (Uint32Array | undefined)[] = new Array<Uint32Array | undefined>(65536 / PAGE).fill(undefined);

  at(port: number): Verdict | undefined {
    const page = this.#pages[port >> 8];
    return this.#verdicts[page ? (page[port & 255] as number) : (this.#uniform[port >> 8] as number)];
  }

  /** Gives the ports from `first` to `last`, both included, this verdict in place of the one that they had. */
  paint(first: number, last: number, verdict: Verdict): void {
    const index = this.#verdicts.push(verdict) - 1;
    for (let page = first >> 8; page <= last >> 8; page++) {
      const from = Math.max(first - page * PAGE, 0);
      const to = Math.min(last - page * PAGE, PAGE - 1);
      if (from === 0 && to === PAGE - 1) {
        this.#uniform[page] = index;
        this.#pages[page] = undefined;
      } else {
        this.#pages[page] ??= new Uint32Array(PAGE).fill(this.#uniform[page] as number);
        this.#pages[page]?.fill(index, from, to + 1);
      }
    }
  }
}
