import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '#kernel';
import { EventCodec } from './event-codec.js';
import { EVENT_VERSIONS, type EventVersions, levelOf } from './event-versions.js';
import { arbitraryHistory } from './testing/arbitrary-history.js';
import { EVENT_TYPES } from './upcast.js';

const renamed = { type: 'NodeRenamed', version: 1, data: { nodeId: 'n', name: 'a', pinned: true } } as const;

/** A release in which a rename says who asked for it, and there is a type that older ones do not know. */
const newer: EventVersions = {
  steps: {
    NodeRenamed: [
      {
        level: 2,
        up: (data) => ({ ...(data as object), by: 'nobody' }),
        down: ({ by: _, ...data }) => data,
      },
      {
        level: 4,
        up: (data) => data,
        down: (data) => (data.name === 'λ' ? undefined : data),
      },
    ],
  },
  since: { NodeApproved: 3 },
};

describe('the codec of events', () => {
  const codec = new EventCodec(newer);

  test('names the level of its release', () => {
    expect(codec.level).toBe(4);
    expect(new EventCodec().level).toBe(levelOf(EVENT_VERSIONS));
  });

  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [9, 3],
  ])('a ledger at level %i gets version %i, and gives the event back', (floor, version) => {
    const event = { ...renamed, data: { ...renamed.data, by: 'nobody' } };
    const kept = codec.write(event, floor);
    expect(kept.version).toBe(version);
    expect('by' in kept.data).toBe(version > 1);
    expect(codec.read({ type: event.type, ...kept })).toEqual(event);
  });

  test('what a ledger at this level has no words for is refused', () => {
    const unfinished = expect.objectContaining({ code: 'conflict.upgrade_unfinished' });
    const lambda = { ...renamed, data: { ...renamed.data, name: 'λ' } };
    expect(() => codec.write(lambda, 3)).toThrow(unfinished);
    expect(codec.write(lambda, 4)).toMatchObject({ version: 3 });
    const approved = { type: 'NodeApproved', version: 1, data: { nodeId: 'n' } } as const;
    expect(() => codec.write(approved, 2)).toThrow(unfinished);
    expect(codec.write(approved, 3)).toEqual({ version: 1, data: { nodeId: 'n' } });
  });

  test.each([
    ['unknown_type', { type: 'NodePainted', version: 1, data: {} }],
    ['unknown_type', { type: 'constructor', version: 1, data: {} }],
    ['newer_version', { ...renamed, version: 2 }],
    ['newer_release', { type: 'ReleaseFloorRaised', version: 1, data: { level: 2, release: '9.0.0' } }],
    ['malformed', { ...renamed, data: { nodeId: 7 } }],
    ['malformed', { ...renamed, version: 0 }],
  ])('an event is not read: %s', (what, raw) => {
    expect(() => new EventCodec().read(raw)).toThrow(expect.objectContaining({ code: `event.${what}` }));
  });

  test('an event of this release goes through as it is, with all that belongs to it', () => {
    const stored = { ...renamed, stream: 's', revision: 7 };
    expect(new EventCodec().read(stored)).toBe(stored);
    expect(codec.read(stored)).toMatchObject({ stream: 's', revision: 7, version: 1, data: { by: 'nobody' } });
  });

  test('this release writes what it reads, all of it at its own level', () =>
    fc.assert(
      fc.property(arbitraryHistory({ steps: 30 }), ({ events }) => {
        const ours = new EventCodec();
        for (const { event } of events) {
          const kept = { type: event.type, ...ours.write(event, ours.level) };
          if (event.type !== 'ReleaseFloorRaised') expect(ours.read(kept)).toEqual(event);
        }
      }),
      { numRuns: 20 },
    ));
});

/** An event as a release of some level wrote it, and what the present one reads. */
interface Golden {
  readonly type: string;
  readonly version: number;
  readonly data: JsonObject;
  /** When that is another. */
  readonly present?: JsonObject;
}

describe('golden events', () => {
  const folder = new URL('golden/', import.meta.url);
  const files = readdirSync(folder);
  const goldenOf = (file: string): Golden[] =>
    readFileSync(new URL(file, folder), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Golden);

  test.each(files)('%s is read as it was meant', (file) => {
    for (const { type, version, data, present = data } of goldenOf(file)) {
      expect(new EventCodec().read({ type, version, data }).data).toEqual(present);
    }
  });

  test('there is one of every type and every version', () => {
    const golden = new Set(files.flatMap(goldenOf).map(({ type, version }) => `${type} ${version}`));
    const versions = (type: string) => (EVENT_VERSIONS.steps[type]?.length ?? 0) + 1;
    const all = EVENT_TYPES.flatMap((type) => Array.from({ length: versions(type) }, (_, i) => `${type} ${i + 1}`));
    expect([...golden].sort()).toEqual(all.sort());
  });
});
