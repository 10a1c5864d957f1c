import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { NobleCrypto } from '#crypto';
import { ledgerHasher, ledgerLeaf } from '#event-store';
import { fromBase64 } from '#kernel';
import { type Checkpoint, isConsistent, isIncluded, openCheckpoint, parseVerifierKey, type VerifierKey } from '#merkle';
import { TestAgent } from '../testing/test-agent.js';
import { TestControl } from '../testing/test-control.js';

const crypto = new NobleCrypto();

describe('checkpoints', () => {
  let control: TestControl;
  let key: VerifierKey;
  const agents: TestAgent[] = [];

  beforeAll(async () => {
    control = await TestControl.start();
    key = parseVerifierKey(crypto, (await text('checkpoint/key')).trimEnd());
  });
  afterEach(async () => {
    for (const agent of agents.splice(0)) await agent.close();
  });
  afterAll(() => control.stop());

  const text = async (path: string): Promise<string> => (await control.call('GET', path)).body as string;
  const json = async <T>(path: string): Promise<T> => (await control.call('GET', path)).body as T;
  const open = (note: string): Checkpoint => openCheckpoint(crypto, note, key);
  const hashes = (proof: readonly string[]) => proof.map((hash) => fromBase64(hash) ?? new Uint8Array());

  async function join(name: string): Promise<TestAgent> {
    const agent = new TestAgent(control.grpcAddress, name);
    agents.push(agent);
    await agent.register(await control.authKey());
    return agent;
  }

  /** What the newest frame of an agent says about the ledger. */
  function newest(agent: TestAgent) {
    const frame = agent.frames.at(-1);
    if (!frame?.checkpoint) throw new Error('there is no checkpoint');
    return { revision: frame.revision, ...frame.checkpoint, head: open(frame.checkpoint.note) };
  }

  test('over HTTP: every event is proven to be in the ledger, and every ledger to add to the ones before', async () => {
    const before = open(await text('checkpoint'));
    await join('grows-the-ledger');
    const after = open(await text('checkpoint'));
    expect(after.size).toBeGreaterThan(before.size);

    const step = await json<{ proof: string[]; checkpoint: string }>(`proofs/consistency?from=${before.size}`);
    expect(open(step.checkpoint)).toEqual(after);
    expect(isConsistent(ledgerHasher, before, after, hashes(step.proof))).toBe(true);

    const { events } = await json<{ events: { revision: number; hash: string }[] }>('events');
    for (const { revision, hash } of events.slice(0, before.size)) {
      const answer = await json<{ leaf: string; proof: string[]; checkpoint: string }>(
        `proofs/inclusion?revision=${revision}&size=${before.size}`,
      );
      expect(fromBase64(answer.leaf)).toEqual(new Uint8Array(ledgerLeaf(hash)));
      const inclusion = { index: revision, leaf: ledgerLeaf(hash), proof: hashes(answer.proof) };
      expect(isIncluded(ledgerHasher, inclusion, open(answer.checkpoint))).toBe(true);
    }
    const tile = await control.call('GET', `tiles/0/0?width=${before.size}`);
    expect(tile).toMatchObject({ status: 200 });
    expect(tile.headers.get('content-length')).toBe(String(32 * before.size));
  });

  test.each([
    ['proofs/inclusion?revision=5&size=5', 400, 'merkle.out_of_range'],
    ['proofs/inclusion?revision=0&size=100000', 400, 'merkle.out_of_range'],
    ['proofs/consistency?from=5&to=4', 400, 'merkle.out_of_range'],
    ['proofs/inclusion?revision=-1', 400, 'http.bad_query'],
    ['proofs/inclusion?revision=9e99', 400, 'http.bad_query'],
    ['proofs/inclusion', 400, 'http.bad_query'],
    ['proofs/consistency?from=x', 400, 'http.bad_query'],
    ['tiles/0/99999', 404, 'tile.unknown'],
    ['tiles/-1/0', 404, 'tile.unknown'],
    ['tiles/0/0?width=257', 400, 'http.bad_query'],
  ])('GET %s is refused', async (path, status, code) => {
    expect(await control.call('GET', path)).toMatchObject({ status, body: { code } });
  });

  test('an agent gets the key when it joins, and each frame proves that the ledger only grew', async () => {
    const one = await join('one');
    expect(parseVerifierKey(crypto, one.registration?.ledgerKey ?? '')).toEqual(key);
    one.connect();
    await one.until(({ frames }) => frames.length > 0);
    const first = newest(one);
    expect(first).toMatchObject({ from: 0, key: expect.any(String) });
    await (await join('two')).disconnect();
    await one.until(({ peers }) => peers.includes('two'));
    const second = newest(one);
    expect(second.from).toBe(first.head.size);
    expect(isConsistent(ledgerHasher, first.head, second.head, second.proof)).toBe(true);
    for (const { revision, head } of [first, second]) expect(head.size).toBeGreaterThan(revision);
  });

  test('an agent that comes back is led on from the ledger that it knows, also after a restart', async () => {
    const one = await join('comes-back');
    one.connect();
    await one.until(({ frames }) => frames.length > 0);
    const known = newest(one).head;
    await one.disconnect();
    await join('meanwhile');
    await control.restart();
    one.ledger = known;
    one.connect();
    await one.until(({ frames }) => frames.length > 1);
    const next = newest(one);
    expect(next.from).toBe(known.size);
    expect(isConsistent(ledgerHasher, known, next.head, next.proof)).toBe(true);
  });

  test('an agent that knows another ledger is shown this one, with no proof from there', async () => {
    const one = await join('from-elsewhere');
    one.ledger = { size: 3, root: new Uint8Array(32).fill(1) };
    one.connect();
    await one.until(({ frames }) => frames.length > 0);
    expect(newest(one)).toMatchObject({ from: 0, proof: [] });
    one.ledger = { size: 1_000_000, root: new Uint8Array(32) };
    await one.disconnect();
    one.connect();
    await one.until(({ frames }) => frames.length > 1);
    expect(newest(one)).toMatchObject({ from: 0, proof: [] });
  });
});
