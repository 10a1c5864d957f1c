import { NetfoldError, type Problem, problemOf } from '#kernel';
import type { PeerItem, RouteItem, SelfItem } from '#netmap';
import { desiredState, type RouteChoices } from '#plan';
import type { Ack, Frame, Resume } from '#wire';
import type { EngineRuntime } from '../engine/engine-runtime.js';
import { applyFrame, type HeldNetmap, nothingHeld } from './held-netmap.js';
import type { NetmapCache } from './netmap-cache.js';

/** Holds the newest netmap, and keeps the engine and the disk in step with it. */
export class NetmapFollower {
  #held: HeldNetmap = nothingHeld;
  #cacheProblem: Problem | undefined;
  #engineProblem: Problem | undefined;

  constructor(
    readonly engine: EngineRuntime,
    readonly cache: NetmapCache,
    /** The person's choices, as they are at the moment. */
    readonly choices: (netmap: HeldNetmap) => RouteChoices,
    readonly onSelf: (self: SelfItem) => void,
    /** What follows the netmap beside the engine. */
    readonly onApplied: (held: HeldNetmap) => void,
  ) {}

  get held(): HeldNetmap {
    return this.#held;
  }

  get self(): SelfItem | undefined {
    for (const item of this.#held.netmap.values()) if (item.kind === 'self') return item;
    return undefined;
  }

  *peers(): Generator<PeerItem> {
    for (const item of this.#held.netmap.values()) if (item.kind === 'peer') yield item;
  }

  *routes(): Generator<RouteItem> {
    for (const item of this.#held.netmap.values()) if (item.kind === 'route') yield item;
  }

  /** What stands in the way of the netmap being in force, or of it surviving a restart. */
  get problems(): readonly Problem[] {
    return [this.#engineProblem, this.#cacheProblem].filter((problem) => problem !== undefined);
  }

  resume(): Resume | undefined {
    const { epoch, revision, digest } = this.#held;
    return epoch && { epoch, revision, digest };
  }

  /** Starts from the saved netmap of this node, if there is one. */
  async restore(nodeId: string): Promise<void> {
    try {
      const held = await this.cache.load();
      if (held?.netmap.has(`self/${nodeId}`)) this.#take(held);
    } catch (error) {
      this.#cacheProblem = problemOf(error);
    }
  }

  /** See `LinkHandler.frame`. */
  async frame(frame: Frame): Promise<Omit<Ack, 'kind'>> {
    const { revision } = frame;
    try {
      this.#take(applyFrame(this.#held, frame));
    } catch (error) {
      if (!(error instanceof NetfoldError)) throw error;
      return { revision, digest: this.#held.digest, problem: problemOf(error) };
    }
    const { digest } = this.#held;
    const problem = this.#engineProblem;
    await this.#save();
    return { revision, digest, ...(problem && { problem }) };
  }

  /** The choices have changed. */
  reapply(): void {
    this.#engineProblem = this.engine.apply(desiredState(this.#held.netmap, this.choices(this.#held)));
    this.onApplied(this.#held);
  }

  #take(held: HeldNetmap): void {
    this.#held = held;
    this.reapply();
    const { self } = this;
    if (self) this.onSelf(self);
  }

  async #save(): Promise<void> {
    try {
      await this.cache.save(this.#held);
      this.#cacheProblem = undefined;
    } catch (error) {
      this.#cacheProblem = problemOf(error);
    }
  }
}
