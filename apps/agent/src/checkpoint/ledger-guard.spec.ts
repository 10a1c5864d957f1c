import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { NobleCrypto } from '#crypto';
import { StateDirectory } from '#host';
import { utf8 } from '#kernel';
import { consistencyProof, formatVerifierKey, noteSigner, rootAt, signCheckpoint, TileTree, TreeHasher } from '#merkle';
import type { CheckpointStep } from '#wire';
import { LedgerGuard } from './ledger-guard.js';

const crypto = new NobleCrypto();
const signer = noteSigner(crypto, 'netfold/tailnet-1', new Uint8Array(32).fill(1));
const stranger = noteSigner(crypto, 'netfold/tailnet-1', new Uint8Array(32).fill(2));
const key = formatVerifierKey(signer.key);

/** A control plane's ledger: 40 events, of which those from `rewritten` on are not the usual ones. */
function ledger(rewritten = 40, by = signer) {
  const hasher = new TreeHasher((data) => crypto.sha256(data));
  const tree = new TileTree(hasher);
  for (let i = 0; i < 40; i++) tree.append(hasher.leaf(utf8(i < rewritten ? `event ${i}` : `other ${i}`)));
  return (from: number, size: number): CheckpointStep => ({
    note: signCheckpoint({ size, root: rootAt(tree, size) }, by),
    from,
    proof: consistencyProof(tree, from, size),
    ...(from === 0 && { key: formatVerifierKey(by.key) }),
  });
}

const good = ledger();

describe('LedgerGuard', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netfold-ledger-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const open = async () => LedgerGuard.open(await StateDirectory.open(folder), crypto, { now: () => 1_000 });
  /** A machine that was shown the first ten events. */
  async function atTen(): Promise<LedgerGuard> {
    const guard = await open();
    expect(guard.check({ revision: 9, checkpoint: good(0, 10) })).toBeUndefined();
    await guard.saved();
    return guard;
  }
  const size = (guard: LedgerGuard) => guard.head?.size;

  it('trusts the first key and ledger that it is shown, and from then on only what continues it', async () => {
    const guard = await atTen();
    expect(guard.check({ revision: 9, checkpoint: good(10, 10) })).toBeUndefined();
    expect(guard.check({ revision: 16, checkpoint: good(10, 17) })).toBeUndefined();
    expect(guard.check({ revision: 20, checkpoint: good(17, 40) })).toBeUndefined();
    await guard.saved();
    expect(size(guard)).toBe(40);
    const again = await open();
    expect([again.record, again.head]).toEqual([{ key, note: good(0, 40).note, alarm: null }, guard.head]);
    expect((await stat(join(folder, 'ledger.json'))).mode & 0o777).toBe(0o600);
  });

  it('asks for nothing of a server that signs nothing, as long as no key is pinned', async () => {
    const guard = await open();
    expect(guard.check({ revision: 9 })).toBeUndefined();
    await guard.pin(key);
    expect(guard.check({ revision: 9 })?.code).toBe('agent.ledger_unsigned');
  });

  it.each<[string, string, number, CheckpointStep | undefined]>([
    ['nothing signed', 'agent.ledger_unsigned', 11, undefined],
    ['fewer events', 'agent.ledger_rolled_back', 5, good(0, 7)],
    ['as many other events', 'agent.ledger_forked', 9, ledger(4)(0, 10)],
    ['more events on another past', 'agent.ledger_forked', 11, ledger(9)(10, 12)],
    ['the same past, without a proof', 'agent.ledger_forked', 11, { ...good(10, 12), proof: [] }],
    ['the same past, proven from elsewhere', 'agent.ledger_forked', 11, good(9, 12)],
    ['the same past, proven from nothing', 'agent.ledger_forked', 11, good(0, 12)],
    ['a ledger that ends before the netmap', 'agent.ledger_not_covered', 12, good(10, 12)],
    ['another key, under the same name', 'agent.ledger_key', 11, ledger(40, stranger)(10, 12)],
    [
      'a changed note',
      'agent.ledger_key',
      11,
      { ...good(10, 12), note: good(10, 12).note.replace('\n12\n', '\n13\n') },
    ],
  ])('refuses %s, and the alarm stays when the server mends its ways', async (_, code, revision, checkpoint) => {
    const guard = await atTen();
    expect(guard.check({ revision, ...(checkpoint && { checkpoint }) })).toMatchObject({ code });
    expect(size(guard)).toBe(10);
    const alarm = { code, since: 1_000, note: checkpoint?.note ?? null };
    expect(guard.alarm).toMatchObject(alarm);
    expect(guard.check({ revision: 9, checkpoint: good(10, 12) })).toBeUndefined();
    await guard.saved();
    expect(size(guard)).toBe(12);
    expect((await open()).alarm).toMatchObject({ ...alarm, over: 1_000 });
  });

  it('holds on to the ledger that it knows when a person takes note of an alarm that is over', async () => {
    const guard = await atTen();
    guard.check({ revision: 5, checkpoint: good(0, 7) });
    guard.check({ revision: 9, checkpoint: good(10, 12) });
    expect(guard.alarm).toMatchObject({ code: 'agent.ledger_rolled_back', over: 1_000 });
    guard.check({ revision: 11, checkpoint: ledger(9)(12, 13) });
    expect(guard.alarm).toMatchObject({ code: 'agent.ledger_rolled_back', note: good(0, 7).note });
    expect(guard.alarm?.over).toBeUndefined();
    guard.check({ revision: 11, checkpoint: good(12, 12) });
    await guard.accept(undefined);
    expect([guard.alarm, size(guard), (await open()).alarm]).toEqual([null, 12, null]);
    expect(guard.check({ revision: 5, checkpoint: good(0, 7) })?.code).toBe('agent.ledger_rolled_back');
  });

  it('keeps the first alarm of several', async () => {
    const guard = await atTen();
    guard.check({ revision: 11, checkpoint: ledger(9)(10, 12) });
    guard.check({ revision: 5, checkpoint: good(0, 7) });
    expect(guard.alarm?.code).toBe('agent.ledger_forked');
  });

  it('takes another history when a person accepts it, and holds on to that', async () => {
    const guard = await atTen();
    await expect(guard.accept(undefined)).rejects.toMatchObject({ code: 'agent.no_ledger_alarm' });
    const other = ledger(4);
    guard.check({ revision: 9, checkpoint: other(0, 10) });
    await guard.accept(undefined);
    expect([guard.alarm, guard.head, (await open()).alarm]).toEqual([null, undefined, null]);
    expect(guard.check({ revision: 9, checkpoint: other(0, 10) })).toBeUndefined();
    expect(guard.check({ revision: 9, checkpoint: good(10, 12) })?.code).toBe('agent.ledger_forked');
  });

  it('takes another key only from a person who names it', async () => {
    const guard = await atTen();
    const other = ledger(40, stranger);
    guard.check({ revision: 11, checkpoint: other(10, 12) });
    await expect(guard.accept(undefined)).rejects.toMatchObject({ code: 'agent.ledger_key_needed' });
    await expect(guard.accept('nonsense')).rejects.toMatchObject({ code: 'note.bad_key' });
    await guard.accept(formatVerifierKey(stranger.key));
    expect(guard.check({ revision: 11, checkpoint: other(0, 12) })).toBeUndefined();
    expect(guard.check({ revision: 11, checkpoint: good(12, 13) })?.code).toBe('agent.ledger_key');
  });

  it('pins a key when the machine joins, and no other one until it leaves', async () => {
    const guard = await open();
    const other = formatVerifierKey(stranger.key);
    await expect(guard.pin(key, other)).rejects.toMatchObject({ code: 'agent.other_ledger_key' });
    await expect(guard.pin('nonsense', undefined)).rejects.toMatchObject({ code: 'note.bad_key' });
    await guard.pin(undefined, undefined);
    expect(guard.record.key).toBeNull();
    await guard.pin(key, key);
    await expect(guard.pin(undefined, other)).rejects.toMatchObject({ code: 'agent.other_ledger_key' });
    expect(guard.check({ revision: 1, checkpoint: ledger(40, stranger)(0, 10) })?.code).toBe('agent.ledger_key');
    await guard.forget();
    expect((await open()).record).toEqual({ key: null, note: null, alarm: null });
    await guard.pin(other, undefined);
    expect(guard.record.key).toBe(other);
  });

  it('says so when the disk does not take the record, and goes on', async () => {
    const directory = await StateDirectory.open(folder);
    const guard = await LedgerGuard.open(directory, crypto, { now: () => 0 });
    const write = jest.spyOn(directory, 'write').mockRejectedValue(new Error('ENOSPC'));
    expect(guard.check({ revision: 9, checkpoint: good(0, 10) })).toBeUndefined();
    await guard.saved();
    expect(guard.problem?.message).toContain('ENOSPC');
    write.mockRestore();
    expect(guard.check({ revision: 9, checkpoint: good(10, 12) })).toBeUndefined();
    await guard.saved();
    expect(guard.problem).toBeUndefined();
    expect((await open()).head?.size).toBe(12);
  });

  it('does not start on a record that was changed', async () => {
    await atTen();
    const file = join(folder, 'ledger.json');
    await writeFile(file, (await readFile(file, 'utf8')).replace('\\n10\\n', '\\n11\\n'));
    await expect(open()).rejects.toMatchObject({ code: 'agent.state_corrupt', where: file });
  });

  it('refuses whatever else a server can send', async () => {
    const guard = await atTen();
    const step = fc.record({
      note: fc.oneof(fc.string(), fc.constant(good(0, 12).note), fc.constant(good(0, 9).note)),
      from: fc.oneof(fc.constant(10), fc.nat()),
      proof: fc.array(fc.uint8Array({ maxLength: 33 }), { maxLength: 5 }),
    });
    fc.assert(
      fc.property(step, (checkpoint) => {
        expect(guard.check({ revision: 9, checkpoint })?.code).toMatch(/^agent\.ledger_/);
        expect(size(guard)).toBe(10);
      }),
    );
    await guard.saved();
  });
});
