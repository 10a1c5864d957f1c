import { chooseCrypto } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { systemRandom } from '#host';
import { BenchAgent } from './bench-agent.js';

/** What it took until a condition held for all. */
export interface Round {
  /** Milliseconds, from the order to the last agent's acknowledgement. */
  readonly ms: number;
  /** Of all frames. */
  readonly bytes: number;
  readonly frames: number;
}

/** So many joins are under way at once; more would only wait in line. */
const JOINS_AT_ONCE = 64;

/** One in so many agents checks every digest itself. */
const PROVE_EACH = 50;

/** Agents in this process, each on a connection of its own. */
export class Fleet {
  readonly agents: readonly BenchAgent[];
  #bytes = 0;
  #frames = 0;
  #check: () => void = () => {};

  constructor(count: number) {
    const crypto = chooseCrypto([() => new NativeCrypto()]);
    const listener = {
      applied: (_agent: BenchAgent, bytes: number) => {
        this.#bytes += bytes;
        this.#frames += 1;
        this.#check();
      },
    };
    const nameOf = (i: number) => `node-${String(i).padStart(5, '0')}`;
    this.agents = Array.from({ length: count }, (_, i) => {
      return new BenchAgent(nameOf(i), i % PROVE_EACH === 0, crypto, systemRandom, listener);
    });
  }

  /** Gives an order, and waits until the condition holds for each of the agents concerned. */
  async until(
    order: () => Promise<unknown>,
    holds: (agent: BenchAgent) => boolean,
    concerned = this.agents,
  ): Promise<Round> {
    [this.#bytes, this.#frames] = [0, 0];
    const waiting = new Set(concerned);
    let ordered = false;
    let settle: () => void = () => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.#check = () => {
      for (const agent of waiting) {
        if (!holds(agent)) return; // the first that lags is looked at again with the next frame
        waiting.delete(agent);
      }
      if (ordered) settle();
    };
    const started = performance.now();
    await order();
    ordered = true;
    this.#check();
    await settled;
    return { ms: performance.now() - started, bytes: this.#bytes, frames: this.#frames };
  }

  /** Lets all join and follow. @param authKeyOf the key of the agent at this index */
  async join(address: string, authKeyOf: (index: number) => string): Promise<void> {
    let next = 0;
    const worker = async () => {
      while (next < this.agents.length) {
        const index = next++;
        const agent = this.agents[index] as BenchAgent;
        await agent.register(address, authKeyOf(index));
        agent.follow(address);
      }
    };
    await Promise.all(Array.from({ length: JOINS_AT_ONCE }, worker));
  }

  /** Lets all come back at once, from what they hold. */
  resume(address: string): void {
    for (const agent of this.agents) {
      agent.follow(address);
    }
  }

  hangUp(): void {
    for (const agent of this.agents) agent.hangUp();
  }
}
