import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Change } from './change.js';
import { emptyNetwork } from './network.js';
import { Timeline } from './timeline.js';

/** Moments at these revisions; each changes the node that is named after it. */
function timelineOf(capacity: number, revisions: readonly number[]): Timeline {
  const timeline = new Timeline(capacity);
  for (const revision of revisions) {
    const change: Change = { nodes: new Set([`n${revision}`]), routes: new Set(), rules: new Set(), dns: false };
    timeline.push({ revision, network: { ...emptyNetwork, revision }, change });
  }
  return timeline;
}

const ascending = fc
  .uniqueArray(fc.nat(200), { minLength: 1, maxLength: 60 })
  .map((list) => list.sort((a, b) => a - b));

describe('a timeline', () => {
  test('leads from any kept revision to any later one, by all that changed in between', () => {
    fc.assert(
      fc.property(ascending, fc.nat(), fc.nat(), (revisions, a, b) => {
        const timeline = timelineOf(1_000, revisions);
        const [from, to] = [a % revisions.length, b % revisions.length].sort((x, y) => x - y) as [number, number];
        const span = timeline.between(revisions[from] as number, revisions[to] as number);
        expect(span?.before.revision).toBe(revisions[from]);
        expect(span?.after.revision).toBe(revisions[to]);
        expect([...(span?.change.nodes ?? [])]).toEqual(
          revisions.slice(from + 1, to + 1).map((revision) => `n${revision}`),
        );
      }),
    );
  });

  test('knows no way from, to or between revisions that it does not have, nor backwards', () => {
    const timeline = timelineOf(1_000, [3, 5, 9]);
    for (const [from, to] of [
      [4, 9],
      [3, 8],
      [0, 3],
      [9, 10],
      [9, 3],
    ] as const) {
      expect(timeline.between(from, to)).toBeUndefined();
    }
    expect(timeline.at(4)).toBeUndefined();
    expect(timeline.at(5)?.revision).toBe(5);
  });

  test('keeps at least its capacity and at most twice that', () => {
    const timeline = timelineOf(
      10,
      Array.from({ length: 1_000 }, (_, revision) => revision),
    );
    const kept = Array.from({ length: 1_000 }, (_, revision) => revision).filter((revision) => timeline.at(revision));
    expect(kept.length).toBeGreaterThanOrEqual(10);
    expect(kept.length).toBeLessThanOrEqual(20);
    expect(kept.at(-1)).toBe(999);
    expect(timeline.oldest?.revision).toBe(kept[0]);
    expect(timeline.latest?.revision).toBe(999);
  });

  test('merges a span once, until time goes on', () => {
    const timeline = timelineOf(100, [1, 2, 3]);
    const span = timeline.between(1, 3);
    expect(timeline.between(1, 3)).toBe(span);
    timeline.push({ revision: 4, network: emptyNetwork, change: { ...(span?.change as Change) } });
    expect(timeline.between(1, 3)).not.toBe(span);
    expect(timeline.between(1, 3)).toEqual(span);
  });

  test('is empty at first', () => {
    expect(new Timeline(5).latest).toBeUndefined();
    expect(new Timeline(5).between(0, 0)).toBeUndefined();
  });
});
