import { describe, expect, test } from '@jest/globals';
import { Dice, fuzz, fuzzSeeds, heapInUse, Mutator } from '#sim';
import { AnswerCache } from './answer-cache.js';
import { type Query, readQuery } from './query.js';
import { fitted, refusalReply, zoneReply } from './reply.js';
import { answerTo, opt, question } from './testing.js';
import { outline } from './walk.js';
import { MAX_UDP_BYTES } from './wire.js';
import { Zone } from './zone.js';

const ATTEMPTS = 400_000;
/** MiB, of which the cache keeps its share. */
const MOST_GROWTH = 40;

const zone = new Zone();
zone.configure({
  domain: 'home.test',
  prefixes: ['100.64.0.0/10'],
  records: [{ name: 'a.home.test', type: 'CNAME', value: 'b.home.test' }],
});
zone.put({ id: 'n', dnsName: 'b.home.test', addresses: ['100.64.0.1', 'fd00::1'] });

const QUESTIONS = [
  question('b.home.test'),
  question('a.home.test', 'AAAA', opt(1_232)),
  question('1.0.64.100.in-addr.arpa', 'PTR'),
  question('www.example.org', 'TXT', opt(4_096, 0x8000)),
];
const ANSWERS = QUESTIONS.map((message) =>
  answerTo(message, { answers: [{ type: 'A', name: 'www.example.org', data: '203.0.113.1', ttl: 60 }] }),
);

describe('DNS messages from anybody', () => {
  test.each(fuzzSeeds(2))('every question gets an answer of bounded size to itself, or none (seed %i)', (seed) => {
    const dice = new Dice(seed);
    const mutator = new Mutator(dice, 2_048);
    const before = heapInUse();
    fuzz(dice, ATTEMPTS, () => {
      const message = dice.below(8) === 0 ? mutator.random(600) : mutator.mutate(QUESTIONS);
      const query = readQuery(message);
      if ('rcode' in query) {
        if (query.rcode !== undefined) expectAnswer(refusalReply(message, query.rcode), message);
        return;
      }
      const found = zone.lookup(query.name, query.type);
      if (found) expectAnswer(fitted(zoneReply(query, found, zone.domain), query), message);
    });
    expect(heapInUse() - before).toBeLessThan(MOST_GROWTH);
  });

  test.each(fuzzSeeds(2))(
    'whatever a nameserver says is measured within its bounds, and kept within ours (seed %i)',
    (seed) => {
      const dice = new Dice(seed);
      const mutator = new Mutator(dice, 2_048);
      const cache = new AnswerCache(256);
      const queries = QUESTIONS.map((message) => readQuery(message) as Query);
      const before = heapInUse();
      let now = 0;
      fuzz(dice, ATTEMPTS, () => {
        const reply = mutator.mutate(ANSWERS);
        for (const { dataAt, dataLength } of outline(reply)?.records ?? []) {
          if (dataAt + dataLength > reply.length) throw new Error('a record reaches beyond the message');
        }
        const query = dice.pick(queries);
        if (reply.length >= query.questionEnd) cache.put(query, reply, now);
        now += dice.below(100_000);
        const kept = cache.get(query, now);
        if (kept && !sameBytes(kept.subarray(0, 2), query.message.subarray(0, 2))) throw new Error('another id');
      });
      expect(cache.size).toBeLessThanOrEqual(256);
      expect(heapInUse() - before).toBeLessThan(MOST_GROWTH);
    },
  );
});

function expectAnswer(reply: Uint8Array, message: Uint8Array): void {
  if (reply.length > MAX_UDP_BYTES) throw new Error(`${reply.length} bytes`);
  if (((reply[2] ?? 0) & 0x80) === 0) throw new Error('a question, not an answer');
  if (!sameBytes(reply.subarray(0, 2), message.subarray(0, 2))) throw new Error('another id');
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, i) => byte === b[i]);
