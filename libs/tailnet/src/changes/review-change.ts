import { ok } from '#kernel';
import { ALREADY_SO, type Decider, event, record, reject } from '../decider.js';
import { badText } from '../input.js';
import type { ChangeCommands } from './change-commands.js';
import { samePerson } from './evolve-changes.js';
import { findChange, findOpen } from './find-change.js';
import { badParty, partyOf } from './party-of.js';

/** Nobody reviews what they proposed. An approval of another impact than the earlier ones saw makes those void. */
export const reviewChange: Decider<ChangeCommands['ReviewChange']> = (state, data, request) => {
  const { changeId, verdict, impactDigest, comment } = data;
  const found = findChange(state, changeId);
  if ('code' in found) return reject(found);
  if (found.stage === 'rejected' && verdict === 'reject') return ALREADY_SO;
  const open = findOpen(state, changeId);
  if ('code' in open) return reject(open);
  const by = partyOf(request);
  const problem = badParty(request) ?? badText(comment, 'comment', 1000);
  if (problem) return reject(problem);
  if (samePerson(by, open.proposedBy)) {
    const hint = verdict === 'approve' ? 'ask somebody else' : 'withdraw it: netfold change withdraw';
    return reject({ code: 'change.own_not_permitted', message: 'nobody reviews a change of their own', hint });
  }
  const reviewed = { changeId, verdict, impactDigest, comment, by };
  if (verdict === 'reject') return record('ChangeReviewed', reviewed);
  const others = open.approvals.length > 0 && open.impactDigest !== impactDigest;
  if (!others && open.approvals.some((approval) => samePerson(approval.by, by))) return ALREADY_SO;
  return ok([
    ...(others ? [event('ChangeLapsed', { changeId, impactDigest })] : []),
    event('ChangeReviewed', reviewed),
  ]);
};
