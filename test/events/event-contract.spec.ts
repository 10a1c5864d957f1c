import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { canonicalEvent, EMPTY_HEAD, seal } from '#event-store';
import { testDraft } from '#event-store/testing';
import type { JsonObject, JsonValue } from '#kernel';
import { EVENT_TYPES, upcast } from '#tailnet';
import { arbitraryHistory } from '#tailnet/testing';

interface Sample {
  readonly type: string;
  readonly version: number;
  readonly data: JsonObject;
}

const schema: { readonly $defs: Readonly<Record<string, unknown>> } = JSON.parse(
  readFileSync('proto/events/events.v1.schema.json', 'utf8'),
);
const follows = new Ajv2020().compile(schema);

const folder = 'libs/tailnet/src/golden';
/** Events of every type, as releases have written them. */
const golden: readonly Sample[] = readdirSync(folder).flatMap((file) =>
  readFileSync(`${folder}/${file}`, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line)),
);

/** An event as it is published, with whatever a draft may hold. */
function published({ type, version, data }: Sample): JsonObject {
  const everything = { correlation: 'c', causation: 'e', reason: 'because' };
  const [event] = seal(EMPTY_HEAD, [{ ...testDraft({ type, version, data }), ...everything }], 0);
  return event ? JSON.parse(canonicalEvent(event)) : {};
}

const isUnderstood = (sample: Sample): boolean => upcast(sample) !== undefined;

const without = ({ type, version, data }: Sample): readonly Sample[] =>
  Object.keys(data).map((member) => {
    const { [member]: _, ...rest } = data;
    return { type, version, data: rest };
  });

const OTHERS: readonly JsonValue[] = [{ surprise: 1 }, [17], 'surprise', 17, true, null];

/** The sample with something else in the place of each member. */
const altered = ({ type, version, data }: Sample): readonly Sample[] =>
  Object.keys(data).flatMap((member) => OTHERS.map((other) => ({ type, version, data: { ...data, [member]: other } })));

describe('the event contract', () => {
  test('says what every type of event holds, and of no other', () => {
    const described = Object.keys(schema.$defs).filter((name) => name.startsWith('event:'));
    expect(described.sort()).toEqual(EVENT_TYPES.map((type) => `event:${type}`).sort());
  });

  test.each(golden.map((sample) => [sample.type, sample] as const))('is kept by %s', (_, sample) => {
    expect(follows(published(sample)) || follows.errors).toBe(true);
  });

  test('is kept by whatever commands bring about', () => {
    fc.assert(
      fc.property(arbitraryHistory({ steps: 60 }), ({ events }) => {
        for (const { event } of events) expect(follows(published(event as Sample)) || follows.errors).toBe(true);
      }),
      { numRuns: 10 },
    );
  });

  test('asks for the same members as netfold itself', () => {
    const incomplete = golden.flatMap(without);
    const differing = incomplete.filter((event) => follows(published(event)) !== isUnderstood(event));
    expect(differing).toEqual([]);
    expect(incomplete.filter((event) => !isUnderstood(event)).length).toBeGreaterThan(golden.length);
  });

  test('refuses no value that netfold takes', () => {
    // The other way round it need not hold: the domain knows which texts are addresses, a schema does not say.
    const understood = golden.flatMap(altered).filter(isUnderstood);
    expect(understood.filter((event) => !follows(published(event)))).toEqual([]);
    expect(golden.flatMap(altered).filter((event) => !follows(published(event))).length).toBeGreaterThan(golden.length);
  });

  test('leaves room for what a newer netfold writes', () => {
    const known = { type: 'NodeApproved', version: 1, data: { nodeId: 'node_1', since: 'newer' } };
    expect(follows(published(known))).toBe(true);
    expect(follows(published({ ...known, version: 2, data: { node: 7 } }))).toBe(true);
    expect(follows(published({ type: 'NodeTeleported', version: 1, data: { to: 'the moon' } }))).toBe(true);
    expect(follows(published({ ...known, data: { nodeId: 7 } }))).toBe(false);
  });
});
