import { beforeEach, describe, expect, test } from '@jest/globals';
import { type RouterEvidence, RouterWatch } from './router-watch.js';

const LOOK_MS = 500;

/** A router, and what happens between two looks at it. */
class Router implements RouterEvidence {
  now = 0;
  rxBytes = 0;
  txBytes = 0;
  probes = 0;
  /** Whether it answers, whether it is asked anything, and whether the control plane has it. */
  answers = true;
  asked = true;
  offline = false;
  readonly watch = new RouterWatch(this);

  constructor() {
    this.watch.watch(new Set(['r']));
  }

  traffic() {
    return { rxBytes: this.rxBytes, txBytes: this.txBytes };
  }
  isOffline() {
    return this.offline;
  }
  probe() {
    this.probes++;
    this.#exchange();
  }

  /** Lets time pass. @returns after how many milliseconds the verdict changed, if it did */
  pass(milliseconds: number): number | undefined {
    const start = this.now;
    let changedAfter: number | undefined;
    while (this.now < start + milliseconds) {
      this.now += LOOK_MS;
      if (this.asked) this.#exchange();
      if (this.watch.look(this.now)) changedAfter ??= this.now - start;
    }
    return changedAfter;
  }

  get isWell(): boolean {
    return !this.watch.unwell.has('r');
  }

  #exchange(): void {
    this.txBytes += 100;
    if (this.answers) this.rxBytes += 100;
  }
}

let router: Router;

beforeEach(() => {
  router = new Router();
});

describe('a router', () => {
  test('that answers is well, and is not asked for more than it is sent', () => {
    router.pass(60_000);
    expect([router.isWell, router.probes]).toEqual([true, 0]);
  });

  test('that nobody talks to is left in peace', () => {
    router.asked = false;
    router.pass(600_000);
    expect([router.isWell, router.probes]).toEqual([true, 0]);
  });

  test('that stops to answer is found out within seconds', () => {
    router.pass(10_000);
    router.answers = false;
    expect(router.pass(10_000)).toBeLessThanOrEqual(5_500);
    expect(router.isWell).toBe(false);
  });

  test('that has nothing to say, but answers a probe, is well', () => {
    router.pass(5_000);
    const { answers } = router;
    for (let round = 0; round < 20; round++) {
      // What it is sent goes one way only, such as to a log server.
      router.answers = false;
      router.pass(2_000);
      router.answers = answers;
      router.pass(1_000);
    }
    expect(router.isWell).toBe(true);
  });

  test('that the control plane has lost is found out sooner when it is gone, and kept when it is not', () => {
    router.asked = false;
    router.offline = true;
    router.pass(60_000);
    expect(router.isWell).toBe(true);
    expect(router.probes).toBeGreaterThan(5);
    router.pass(RECALL);
    router.answers = false;
    expect(router.pass(20_000)).toBeLessThanOrEqual(8_000);
  });

  test('that the control plane has just lost is asked at once', () => {
    router.pass(10_000);
    router.offline = true;
    router.answers = false;
    expect(router.pass(20_000)).toBeLessThanOrEqual(3_000);
  });

  test('is used again once it has answered for a while, and not before', () => {
    router.answers = false;
    router.pass(10_000);
    router.asked = false; // packets go to another one
    for (let round = 0; round < 5; round++) {
      router.answers = true;
      expect(router.pass(6_000)).toBeUndefined();
      router.answers = false;
      expect(router.pass(20_000)).toBeUndefined();
    }
    router.answers = true;
    const after = router.pass(30_000);
    expect(after).toBeGreaterThanOrEqual(10_000);
    expect(after).toBeLessThanOrEqual(18_000);
    expect(router.isWell).toBe(true);
  });

  test('that is no longer one is forgotten', () => {
    router.answers = false;
    router.pass(10_000);
    router.watch.watch(new Set(['other']));
    expect([...router.watch.unwell]).toEqual([]);
    router.watch.watch(new Set());
    expect(router.watch.isIdle).toBe(true);
  });
});

const RECALL = 5_000;
