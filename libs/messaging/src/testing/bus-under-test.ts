import { afterEach, beforeEach } from '@jest/globals';
import type { Problem } from '#kernel';
import type { Bus } from '../bus.js';
import type { Topic } from '../topic.js';

/** What the contract needs of an adapter, made anew for each test. */
export interface BusHarness {
  /** A bus as another process would open it; where there is but one process, the same one. */
  open(report: (problem: Problem) => void): Bus | Promise<Bus>;
  /** The bus is closed already. */
  close?(): Promise<void>;
}

export type BusFactory = () => BusHarness | Promise<BusHarness>;

let topics = 0;

/** The adapter that a test of the contract looks at, opened before it and closed after it. */
export class BusUnderTest {
  readonly problems: Problem[] = [];
  #harness: BusHarness | undefined;
  #buses: Bus[] = [];

  constructor(private readonly factory: BusFactory) {
    beforeEach(async () => {
      this.problems.length = 0;
      this.#harness = await this.factory();
    });
    afterEach(async () => {
      for (const bus of this.#buses.splice(0)) await bus.close();
      await this.#harness?.close?.();
    });
  }

  async open(): Promise<Bus> {
    const bus = await this.#harness?.open((problem) => this.problems.push(problem));
    if (!bus) throw new Error('the harness is made before each test');
    this.#buses.push(bus);
    return bus;
  }

  /** A topic that nobody has used before. */
  topic(keeps: Topic['keeps'] = { forMs: 3_600_000 }): Topic {
    topics += 1;
    return { name: `netfold.test.${process.pid}.${topics}`, keeps };
  }
}
