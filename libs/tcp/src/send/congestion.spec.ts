import { describe, expect, test } from '@jest/globals';
import { Cubic } from './cubic.js';
import { RttEstimator } from './rtt-estimator.js';

describe('CUBIC', () => {
  const MSS = 1000;
  /** Acknowledges whole windows, one each 100 ms; the window in segments after each. */
  function rounds(cubic: Cubic, count: number, from: number): number[] {
    return Array.from({ length: count }, (_, round) => {
      const segments = Math.floor(cubic.window / MSS);
      for (let i = 0; i < segments; i++) cubic.onAck(from + round * 100, MSS, 100);
      return cubic.window / MSS;
    });
  }

  test('doubles in slow start, and falls to 0.7 with a loss', () => {
    const cubic = new Cubic(MSS);
    expect(rounds(cubic, 3, 0)).toEqual([20, 40, 80]);
    cubic.onLoss(80 * MSS);
    expect(cubic.window).toBe(56 * MSS);
  });

  test('is back at the old window after the K seconds of RFC 9438, slows down there, then probes beyond', () => {
    const cubic = new Cubic(MSS);
    cubic.window = 1000 * MSS;
    cubic.onLoss(1000 * MSS);
    const k = Math.cbrt((1000 * 0.3) / 0.4);
    const windows = rounds(cubic, 200, 0);
    const roundAtK = Math.round(k * 10);
    expect(Math.abs((windows[roundAtK] ?? 0) - 1000)).toBeLessThan(10);
    const growth = (round: number) => (windows[round] ?? 0) - (windows[round - 1] ?? 0);
    expect(growth(5)).toBeGreaterThan(growth(roundAtK));
    expect(growth(roundAtK + 60)).toBeGreaterThan(growth(roundAtK));
  });

  test('is never slower than Reno would be, where windows are small', () => {
    const cubic = new Cubic(MSS);
    cubic.onLoss(10 * MSS);
    const [first = 0, ...rest] = rounds(cubic, 20, 0);
    expect((rest.at(-1) ?? 0) - first).toBeGreaterThan(19 * 0.5);
  });

  test('starts from one segment after a timeout, and from ten after a pause', () => {
    const cubic = new Cubic(MSS);
    cubic.window = 100 * MSS;
    cubic.onIdle();
    expect(cubic.window).toBe(10 * MSS);
    cubic.onTimeout(10 * MSS);
    expect([cubic.window, cubic.threshold]).toEqual([MSS, 7 * MSS]);
  });

  test('a loss that was none is undone', () => {
    const cubic = new Cubic(MSS);
    cubic.window = 100 * MSS;
    cubic.onLoss(100 * MSS);
    cubic.undo();
    expect([cubic.window, cubic.threshold]).toEqual([100 * MSS, Number.POSITIVE_INFINITY]);
  });
});

describe('the timeout', () => {
  test('is what RFC 6298 says', () => {
    const rtt = new RttEstimator();
    expect(rtt.timeout).toBe(1000);
    rtt.sample(500);
    expect(rtt.timeout).toBe(500 + 4 * 250);
    rtt.sample(300);
    expect(rtt.timeout).toBe(475 + 4 * (0.75 * 250 + 0.25 * 200));
  });

  test('is 200 ms at least; doubles up to a minute while nothing arrives', () => {
    const rtt = new RttEstimator();
    rtt.sample(1);
    expect(rtt.timeout).toBe(200);
    const timeouts = Array.from({ length: 10 }, () => {
      rtt.backOff();
      return rtt.timeout;
    });
    expect(timeouts).toEqual([400, 800, 1600, 3200, 6400, 12_800, 25_600, 51_200, 60_000, 60_000]);
    rtt.recovered();
    expect(rtt.timeout).toBe(200);
  });
});
