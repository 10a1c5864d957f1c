import type { StateDirectory } from '#host';
import { NetfoldError, problemOf } from '#kernel';
import { decodeServerMessage, encodeFrame, encodeItem } from '#wire';
import { applyFrame, type HeldNetmap, nothingHeld } from './held-netmap.js';

const FILE = 'netmap.bin';

/**
 * The last applied netmap on the disk, as the snapshot frame that would have brought it: the items are the bytes that
 * were received, and the digest that proved them over the wire proves them here.
 */
export class NetmapCache {
  #newest: HeldNetmap | undefined;
  /** A write that has not begun: it will take the newest netmap that there is by then. */
  #waiting: Promise<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(readonly directory: StateDirectory) {}

  /**
   * The netmap that was saved last, or undefined.
   * @throws NetfoldError `agent.cache_corrupt`
   */
  async load(): Promise<HeldNetmap | undefined> {
    const bytes = await this.directory.read(FILE);
    if (!bytes) return undefined;
    try {
      return decode(bytes);
    } catch (cause) {
      throw new NetfoldError(
        {
          code: 'agent.cache_corrupt',
          message: `the saved netmap is damaged: ${problemOf(cause).message}`,
          where: `${this.directory.path}/${FILE}`,
          hint: 'nothing to do: the control plane sends a new one; until then this node talks to nobody',
        },
        { cause },
      );
    }
  }

  /**
   * When it answers, the disk has this netmap or a newer one. Of netmaps that come faster than the disk takes them,
   * only the newest is written.
   *
   * When that fails the old file goes as well: a restart must not bring back access that was revoked since.
   * @throws NetfoldError `agent.cache_write`
   */
  save(held: HeldNetmap): Promise<void> {
    this.#newest = held;
    if (!this.#waiting) {
      this.#waiting = this.#last.then(() => this.#writeNewest());
      this.#last = this.#waiting.catch(() => {});
    }
    return this.#waiting;
  }

  /** Forgets the netmap. */
  async clear(): Promise<void> {
    this.#newest = undefined;
    await this.#last;
    await this.directory.remove(FILE);
  }

  async #writeNewest(): Promise<void> {
    const held = this.#newest;
    this.#waiting = undefined;
    this.#newest = undefined;
    if (!held) return;
    try {
      await this.directory.write(FILE, encode(held));
    } catch (cause) {
      await this.directory.remove(FILE).catch(() => {});
      throw new NetfoldError(
        {
          code: 'agent.cache_write',
          message: `cannot save the netmap: ${problemOf(cause).message}`,
          where: this.directory.path,
          hint: 'make room on the disk; until then this node cannot start without the control plane',
        },
        { cause },
      );
    }
  }
}

function encode({ epoch, revision, digest, netmap }: HeldNetmap): Uint8Array {
  const header = { epoch: epoch ?? new Uint8Array(), revision, baseRevision: 0, digest, snapshot: true, removed: [] };
  return encodeFrame(header, [...netmap.values()].map(encodeItem));
}

function decode(bytes: Uint8Array): HeldNetmap {
  const message = decodeServerMessage(bytes);
  if (message.kind !== 'frame' || !message.frame.snapshot) throw new Error('it holds something else');
  return applyFrame(nothingHeld, message.frame);
}
