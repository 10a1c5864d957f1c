import { equalBytes, NetfoldError } from '#kernel';
import { isConsistent, type TreeHasher, type TreeHead } from '#merkle';
import type { CheckpointStep } from '#wire';

/**
 * Refuses a ledger that is not proven to continue the one that was proven last.
 * @throws NetfoldError `agent.ledger_rolled_back`, `agent.ledger_forked`
 */
export function requireFollows(hasher: TreeHasher, known: TreeHead, next: TreeHead, step: CheckpointStep): void {
  if (next.size < known.size) throw rolledBack(known, next);
  if (next.size === known.size && equalBytes(next.root, known.root)) return;
  if (step.from !== known.size || !isConsistent(hasher, known, next, step.proof)) throw forked(known, next);
}

/** What a person can do about any alarm. */
export const ALARM_HINT =
  'if the server was restored from a backup, accept its ledger on this machine: netfold ledger accept\n' +
  'if it was not, somebody changes history: keep the output of netfold ledger show as evidence';

const rolledBack = (known: TreeHead, next: TreeHead): NetfoldError =>
  new NetfoldError({
    code: 'agent.ledger_rolled_back',
    message: `the ledger was rolled back: this machine was shown ${known.size} events, now there are ${next.size}`,
    hint: ALARM_HINT,
  });

const forked = (known: TreeHead, next: TreeHead): NetfoldError =>
  new NetfoldError({
    code: 'agent.ledger_forked',
    message: `history was rewritten: the ledger of ${next.size} events does not continue the ${known.size} shown before`,
    hint: ALARM_HINT,
  });
