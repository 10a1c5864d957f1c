import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { NativeCrypto } from '#crypto/native';
import { seededRandom } from '#crypto/testing';
import { MAX_LETTER, readLetter } from './letter.js';
import { PairKeys } from './pair-keys.js';
import { type PairRecord, presharedKeysOf } from './pair-record.js';
import { type Carried, SimulatedNodes } from './testing.js';

const crypto = new NativeCrypto();
const SECOND = 1000;
const HOUR = 3_600_000;
const nodes = (seed = 1, period?: number) => new SimulatedNodes(crypto, seededRandom(seed), period);

/** Both have the same key, and know that they have. */
function expectAgreed({ nodes: { alice, bob } }: SimulatedNodes): Uint8Array {
  const { key } = alice.record;
  expect(key).toHaveLength(32);
  expect(bob.record.key).toEqual(key);
  expect([alice.record.settled, bob.record.settled]).toEqual([true, true]);
  expect([alice.agreement.state.kind, bob.agreement.state.kind]).toEqual(['active', 'active']);
  return key as Uint8Array;
}

describe('an agreement', () => {
  test('takes four letters, and a fraction of a second', () => {
    const simulated = nodes();
    const kinds: (string | undefined)[] = [];
    simulated.carry = ({ from, letter }) => {
      kinds.push(`${from} ${readLetter(letter)?.kind}`);
      return [{ letter, delay: 0 }];
    };
    simulated.use().advance(200);
    expectAgreed(simulated);
    expect(kinds.filter((kind) => kind !== 'bob request')).toEqual([
      'alice offer',
      'bob answer',
      'alice confirm',
      'bob done',
    ]);
    expect(simulated.nodes.bob.agreed).toHaveLength(1);
  });

  test('is not sought with whom no packets go to, nor with who cannot be reached', () => {
    const simulated = nodes();
    simulated.carry = () => {
      throw new Error('nothing is to be said');
    };
    const { alice, bob } = simulated.nodes;
    alice.agreement.setReachable(simulated.now, true);
    bob.agreement.setInUse(simulated.now, true);
    simulated.advance(HOUR);
    expect([alice.agreement.state.kind, bob.agreement.state.kind]).toEqual(['idle', 'agreeing']);
    expect(presharedKeysOf(bob.record).alsoAccepted).toEqual([]);
  });

  test('gives way to another when the period is over, and former keys are forgotten', () => {
    const simulated = nodes().use();
    simulated.advance(SECOND);
    const first = expectAgreed(simulated);
    simulated.advance(0.9 * HOUR - 2 * SECOND);
    expect(simulated.nodes.alice.record.key).toEqual(first);
    simulated.advance(0.1 * HOUR + 2 * SECOND);
    const second = expectAgreed(simulated);
    expect(second).not.toEqual(first);
    simulated.advance(181 * SECOND);
    for (const { record } of Object.values(simulated.nodes)) expect(record.former).toEqual([]);
  });

  test('is renewed when either side asks, one for both when they do so at once', () => {
    const simulated = nodes().use();
    simulated.advance(10 * SECOND);
    const keys = [expectAgreed(simulated)];
    for (const asked of [['alice'], ['bob'], ['alice', 'bob']] as const) {
      for (const name of asked) simulated.nodes[name].agreement.renew(simulated.now);
      simulated.advance(10 * SECOND);
      keys.push(expectAgreed(simulated));
    }
    expect(new Set(keys.map(String)).size).toBe(4);
    expect(simulated.nodes.bob.agreed).toHaveLength(4);
  });

  test('follows the node keys, of which the other side hears later', () => {
    for (const name of ['alice', 'bob'] as const) {
      const simulated = nodes().use();
      simulated.advance(SECOND);
      const before = expectAgreed(simulated);
      const tell = simulated.rotate(name);
      simulated.advance(700);
      expect(simulated.nodes.bob.record.key).toEqual(before);
      tell();
      simulated.advance(2 * SECOND);
      expect(expectAgreed(simulated)).not.toEqual(before);
      expect([...simulated.nodes.alice.problems, ...simulated.nodes.bob.problems]).toEqual([]);
    }
  });

  test('is made again by who has lost its record, though clocks were set back', () => {
    for (const name of ['alice', 'bob'] as const) {
      const simulated = nodes().use();
      simulated.advance(10 * SECOND);
      const before = expectAgreed(simulated);
      simulated.now -= HOUR;
      simulated.restart(name, true);
      simulated.restart(name === 'alice' ? 'bob' : 'alice');
      expect([simulated.canBegin('alice'), simulated.canBegin('bob')]).toContain(true);
      simulated.advance(10 * SECOND);
      expect(expectAgreed(simulated)).not.toEqual(before);
    }
  });
});

describe('whatever becomes of the letters', () => {
  const act = fc.record({
    wait: fc.integer({ min: 0, max: 4_000 }),
    what: fc.constantFrom('renew', 'restart', 'rotate', 'nothing'),
    who: fc.constantFrom('alice' as const, 'bob' as const),
  });
  const fate = fc.constantFrom('lost', 'twice', 'late', 'right', 'right');
  const alice = (what: 'renew' | 'restart', wait = 0) => ({ wait, what, who: 'alice' as const });
  /** Alice stops with an offer under way that Bob gets: once with a key that he has not confirmed, and once without. */
  const stopped: [ReturnType<typeof alice>[], ('lost' | 'right' | 'late')[], number][] = [
    [
      [alice('renew', 2362), alice('renew', 638), alice('restart')],
      ['lost', 'lost', 'lost', 'right', 'lost', 'right', 'lost', 'lost', 'late', 'lost'],
      0,
    ],
    [[alice('renew', 3520), alice('restart')], ['lost', 'lost', 'lost', 'lost', 'late'], 0],
  ];

  test('a session can be made both ways at any moment, and in the end both have one key', () => {
    fc.assert(
      fc.property(
        fc.array(act, { maxLength: 8 }),
        fc.array(fate, { minLength: 1, maxLength: 40 }),
        fc.nat(),
        (acts, fates, seed) => {
          const simulated = nodes(seed);
          let carried = 0;
          simulated.carry = ({ letter }) => {
            const what = fates[carried++];
            if (what === 'lost') return [];
            if (what === 'twice') return [0, 900].map((delay) => ({ letter, delay }));
            return [{ letter, delay: what === 'late' ? 2_500 : 0 }];
          };
          simulated.check = () => {
            expect([simulated.canBegin('alice'), simulated.canBegin('bob')]).toEqual([true, true]);
          };
          simulated.use();
          for (const { wait, what, who } of acts) {
            if (what === 'renew') simulated.nodes[who].agreement.renew(simulated.now);
            else if (what === 'restart') simulated.restart(who);
            else if (what === 'rotate') simulated.rotate(who)();
            simulated.check();
            simulated.advance(wait);
          }
          simulated.advance(200 * SECOND);
          expectAgreed(simulated);
          expect([...simulated.nodes.alice.problems, ...simulated.nodes.bob.problems]).toEqual([]);
        },
      ),
      { numRuns: 40, examples: stopped },
    );
  });

  test('a key that one has and the other has not confirmed outlives many offers whose answers are lost', () => {
    const simulated = nodes().use();
    simulated.carry = ({ letter }) => (readLetter(letter)?.kind === 'confirm' ? [] : [{ letter, delay: 0 }]);
    simulated.advance(500);
    simulated.carry = ({ letter }) => (readLetter(letter)?.kind === 'answer' ? [] : [{ letter, delay: 0 }]);
    for (let i = 0; i < 15; i++) {
      simulated.nodes.alice.agreement.renew(simulated.now);
      simulated.advance(500);
      expect([simulated.canBegin('alice'), simulated.canBegin('bob')]).toEqual([true, true]);
    }
  });
});

describe('a control plane that is not to be trusted', () => {
  test('is found out when it alters what it carries, and no key comes of it', () => {
    fc.assert(
      fc.property(fc.constantFrom('offer', 'answer', 'confirm', 'done'), fc.nat(MAX_LETTER), (kind, at) => {
        const simulated = nodes();
        let altered = 0;
        simulated.carry = ({ letter }) => {
          if (readLetter(letter)?.kind !== kind) return [{ letter, delay: 0 }];
          // Not its head: a letter of another kind, version or pair of keys is not this one.
          const place = letter.length - 1 - (at % (letter.length - 74));
          const forged = Uint8Array.from(letter);
          forged[place] = (forged[place] as number) ^ 1;
          altered++;
          return [{ letter: forged, delay: 0 }];
        };
        simulated.use().advance(3 * SECOND);
        const { alice, bob } = simulated.nodes;
        expect(altered).toBeGreaterThan(0);
        const problems = [...alice.problems, ...bob.problems];
        expect(problems.length).toBeGreaterThan(0);
        expect(problems.every(({ code }) => code === 'psk.tampered')).toBe(true);
        expect(simulated.canBegin('alice') && simulated.canBegin('bob')).toBe(true);
        if (kind !== 'done') expect(bob.record.key).toBeUndefined();
      }),
      { numRuns: 12 },
    );
  });

  test('cannot put itself in between with keys of its own', () => {
    const simulated = nodes();
    const foreign = nodes(2);
    const theirs: Carried[] = [];
    foreign.carry = (carried) => {
      theirs.push(carried);
      return [{ letter: carried.letter, delay: 0 }];
    };
    foreign.use().advance(SECOND);
    const heads: Partial<Record<string, Uint8Array>> = {};
    simulated.carry = ({ from, letter }) => {
      heads[from] = letter.slice(10, 74);
      const swapped = theirs.find((one) => one.from === from && one.letter[1] === letter[1])?.letter ?? letter;
      const forged = Uint8Array.from(swapped);
      forged.set(heads[from] ?? [], 10);
      return [{ letter: forged, delay: 0 }];
    };
    simulated.use().advance(3 * SECOND);
    const { alice, bob } = simulated.nodes;
    expect([alice.record.key, bob.record.key]).toEqual([undefined, undefined]);
    expect(bob.problems[0]?.code).toBe('psk.tampered');
    expect(bob.agreement.state).toMatchObject({ kind: 'agreeing', problem: { code: 'psk.tampered' } });
  });

  test('gains nothing by saying again what was said before', () => {
    const simulated = nodes().use();
    const said: Carried[] = [];
    simulated.carry = (carried) => {
      said.push(carried);
      return [{ letter: carried.letter, delay: 0 }];
    };
    const key = (record: PairRecord) => String(record.key);
    for (let i = 0; i < 3; i++) {
      simulated.nodes.alice.agreement.renew(simulated.now);
      simulated.advance(SECOND);
    }
    const newest = String(expectAgreed(simulated));
    for (const { from, letter } of said.slice()) {
      simulated.nodes[from === 'alice' ? 'bob' : 'alice'].agreement.receive(simulated.now, letter);
      simulated.advance(SECOND);
      expect(simulated.canBegin('alice') && simulated.canBegin('bob')).toBe(true);
    }
    expect([key(simulated.nodes.alice.record), key(simulated.nodes.bob.record)]).toEqual([newest, newest]);
  });

  test('is seen when it keeps letters back', () => {
    const simulated = nodes();
    simulated.carry = () => [];
    simulated.use().advance(60 * SECOND);
    expect(simulated.nodes.alice.agreement.state.problem?.code).toBe('psk.unanswered');
    simulated.carry = ({ letter }) => [{ letter, delay: 0 }];
    simulated.advance(60 * SECOND);
    expectAgreed(simulated);
    expect(simulated.nodes.alice.agreement.state.problem).toBeUndefined();
  });
});

test('what is no letter is passed over', () => {
  const simulated = nodes().use();
  simulated.advance(SECOND);
  const before = simulated.nodes.bob.record;
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
      simulated.nodes.bob.agreement.receive(simulated.now, noise);
      expect(simulated.nodes.bob.record).toBe(before);
    }),
  );
});

test('an offer of what is no encapsulation key comes to nothing, though the peer wrote it', () => {
  const simulated = nodes();
  const { alice, bob } = simulated.nodes;
  const names = { ownId: 'alice', theirId: 'bob', own: alice.keys, theirs: bob.keys.publicKey };
  const offer = PairKeys.of(crypto, names)?.write('offer', 7, new Uint8Array(1184).fill(0xff));
  bob.agreement.receive(simulated.now, offer ?? new Uint8Array());
  expect(bob.problems).toHaveLength(1);
  expect(bob.record.pending).toBeUndefined();
});
