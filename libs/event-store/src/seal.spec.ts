import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '#kernel';
import { EMPTY_HEAD } from './event.js';
import { canonicalEvent, MAX_EVENT_BYTES } from './event-hash.js';
import { headAfter, seal } from './seal.js';
import { RECORDED_AT, testDraft } from './testing/fixtures.js';
import { verifyChain } from './verify-chain.js';

const data = fc.dictionary(fc.string(), fc.jsonValue()) as fc.Arbitrary<JsonObject>;
const draft = fc.record({ data, commandId: fc.constantFrom('c1', 'c2', 'c3') }).map((part) => testDraft(part));
const drafts = fc.array(draft, { maxLength: 8 });

describe('seal', () => {
  test('numbers and chains the drafts behind any head', () => {
    const heads = fc.constantFrom(EMPTY_HEAD, { revision: 41, hash: 'ab'.repeat(32) });
    return fc.assert(
      fc.asyncProperty(heads, drafts, async (head, all) => {
        const events = seal(head, all, RECORDED_AT);
        expect(events.map(({ revision }) => revision)).toEqual(all.map((_, i) => head.revision + 1 + i));
        expect(new Set(events.map(({ id }) => id)).size).toBe(all.length);
        expect(await verifyChain(events, { after: head })).toEqual(headAfter(head, events));
      }),
    );
  });

  test('gives the same events for the same drafts, also by way of JSON', () => {
    fc.assert(
      fc.property(drafts, (all) => {
        const events = seal(EMPTY_HEAD, all, RECORDED_AT);
        expect(seal(EMPTY_HEAD, all, RECORDED_AT)).toEqual(events);
        expect(seal(EMPTY_HEAD, JSON.parse(JSON.stringify(all)), RECORDED_AT)).toEqual(events);
        for (const event of events)
          expect(canonicalEvent(JSON.parse(JSON.stringify(event)))).toBe(canonicalEvent(event));
      }),
    );
  });

  // printf '%s%s' "$(printf '0%.0s' $(seq 64))" "$canonical" | sha256sum
  test('makes the known hash, whatever changes in the code', () => {
    const canonical =
      '{"actor":{"id":"user_alice","kind":"user"},"commandId":"command-1","data":{"a":[1.5,null,"€"],"b":true},"id":"b2e0b1f8-c0ae-8cb6-83cb-c778f75be6de","recordedAt":1793520000000,"revision":0,"stream":"tailnet-a","type":"NodeJoined","version":1}';
    const known = testDraft({
      actor: { kind: 'user', id: 'user_alice' },
      data: { b: true, a: [1.5, null, '€'], left: undefined },
    });
    const [event] = seal(EMPTY_HEAD, [known], RECORDED_AT);
    expect(event && canonicalEvent({ ...event, position: 7 } as typeof event)).toBe(canonical);
    expect(event?.hash).toBe('f5450ae71bfcc00fd69aff0dbc5e4dabd9d1943ec618a5672b374607a7942436');
  });

  test('covers why and through what, where that is said', async () => {
    const actor = { kind: 'user', id: 'user_alice' } as const;
    const drafts = [
      testDraft({ actor }),
      testDraft({ actor, reason: 'ticket 7' }),
      testDraft({ actor, reason: 'ticket 8' }),
      testDraft({ actor: { ...actor, via: 'cli' } }),
    ];
    const events = drafts.map((draft) => seal(EMPTY_HEAD, [draft], RECORDED_AT)[0]);
    expect(new Set(events.map((event) => event?.hash)).size).toBe(4);
    expect(events.map((event) => [event?.reason, event?.actor.via])).toEqual([
      [undefined, undefined],
      ['ticket 7', undefined],
      ['ticket 8', undefined],
      [undefined, 'cli'],
    ]);
  });

  test('keeps what was sealed when the draft is changed afterwards', async () => {
    const tags = ['tag:dev'];
    const events = seal(EMPTY_HEAD, [testDraft({ data: { tags } })], RECORDED_AT);
    tags.push('tag:prod');
    expect(events[0]?.data).toEqual({ tags: ['tag:dev'] });
    await verifyChain(events);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800', 1n])('refuses %p, which JSON cannot say', (value) => {
    const bad = testDraft({ data: { value } as JsonObject });
    expect(() => seal(EMPTY_HEAD, [testDraft(), bad], RECORDED_AT)).toThrow(
      expect.objectContaining({ code: 'event.not_json', where: 'tailnet-a@1' }),
    );
  });

  test.each(['x', 'ß', '€'])('counts the bytes of %s, not its characters', (character) => {
    const envelope = canonicalEvent({
      ...testDraft({ data: { text: '' } }),
      id: 'i'.repeat(36),
      revision: 0,
      recordedAt: RECORDED_AT,
    });
    const room = Math.floor((MAX_EVENT_BYTES - envelope.length) / Buffer.byteLength(character));
    const sealOf = (count: number) => () =>
      seal(EMPTY_HEAD, [testDraft({ data: { text: character.repeat(count) } })], RECORDED_AT);
    expect(sealOf(room)()).toHaveLength(1);
    expect(sealOf(room + 1)).toThrow(expect.objectContaining({ code: 'event.too_large', where: 'tailnet-a@0' }));
  });

  test('refuses drafts of two streams', () => {
    const mixed = [testDraft(), testDraft({ stream: 'tailnet-b' })];
    expect(() => seal(EMPTY_HEAD, mixed, RECORDED_AT)).toThrow(
      expect.objectContaining({ code: 'event.mixed_streams', where: 'tailnet-b' }),
    );
  });
});
