import { NobleCrypto } from '#crypto';
import { equalBytes, fromBase64, NetfoldError } from '#kernel';
import { type Checkpoint, formatVerifierKey, isConsistent, TreeHasher, type VerifierKey } from '#merkle';
import type { AdminClient } from '../../admin/admin-client.js';
import { knownLedgers, rememberLedger } from '../../admin/known-ledgers.js';
import { type Io, print, printJson } from '../../output/io.js';
import { formatCount } from '../../output/progress.js';
import { checkpointIn, keyOf } from './signed-notes.js';

export interface ServerToVerify {
  readonly server: string;
  readonly admin: AdminClient;
  /** What was kept elsewhere; beside what this person remembers. */
  readonly checkpoints: readonly Checkpoint[];
  /** The key to hold the server to; by default the remembered one, and else what the server says. */
  readonly key: VerifierKey | undefined;
  readonly json: boolean | undefined;
}

/** Asks a server for its ledger, has it prove that this continues every ledger that is known, and remembers it. */
export async function verifyServer(io: Io, { server, admin, checkpoints, key, json }: ServerToVerify): Promise<void> {
  const remembered = knownLedgers(io)[server];
  const trusted = key ?? keyOf(remembered?.key ?? (await admin.text('GET /checkpoint/key')).trim());
  const note = await admin.text('GET /checkpoint');
  const newest = checkpointIn(note, trusted);
  const before = remembered && checkpointIn(remembered.note, trusted);
  for (const known of [...(before ? [before] : []), ...checkpoints]) await requireContinues(admin, known, newest);
  rememberLedger(io, server, { key: formatVerifierKey(trusted), note });
  const { origin, size } = newest;
  if (json)
    return printJson(io, { ok: true, origin, size, before: before?.size ?? null, checkpoints: checkpoints.length });
  print(io, `${origin} has ${formatCount(size)} events.`);
  if (before) print(io, `They continue the ${formatCount(before.size)} that it had when it was verified last.`);
  else if (checkpoints.length === 0)
    print(io, 'It is remembered from now on: the next time, it must continue this one.');
  if (checkpoints.length > 0)
    print(io, `They continue the ${checkpoints.length === 1 ? 'checkpoint' : 'checkpoints'} given.`);
  return undefined;
}

const crypto = new NobleCrypto();
const hasher = new TreeHasher((data) => crypto.sha256(data));

async function requireContinues(admin: AdminClient, known: Checkpoint, newest: Checkpoint): Promise<void> {
  if (newest.size < known.size) throw rolledBack(known, newest);
  if (newest.size === known.size && equalBytes(newest.root, known.root)) return;
  const route = `GET /proofs/consistency?from=${known.size}&to=${newest.size}`;
  const { proof } = await admin.call<{ proof: readonly string[] }>(route);
  const hashes = proof.map((hash) => fromBase64(hash) ?? new Uint8Array());
  if (!isConsistent(hasher, known, newest, hashes)) throw forked(known, newest);
}

const HINT =
  'if the server was restored from a backup, remove it from known-ledgers.json; if not, somebody changes history:\n' +
  'take a copy of its ledger.db, and see: netfold verify --store FILE --checkpoint FILE --key KEY';

const rolledBack = (known: Checkpoint, newest: Checkpoint): NetfoldError =>
  new NetfoldError({
    code: 'verify.rolled_back',
    message: `the ledger was rolled back: it had ${known.size} events, and shows ${newest.size}`,
    where: `${known.origin}@${newest.size}`,
    hint: HINT,
  });

const forked = (known: Checkpoint, newest: Checkpoint): NetfoldError =>
  new NetfoldError({
    code: 'verify.forked',
    message: `history was rewritten: the ${newest.size} events do not continue the ${known.size} that were signed before`,
    where: `${known.origin}, at or before revision ${known.size - 1}`,
    hint: HINT,
  });
