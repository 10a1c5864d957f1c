import type { AdminClient, Changed } from '../../admin/admin-client.js';
import { conflictLines, staleEditOf } from '../../admin/stale-edit.js';
import { CommandFailed } from '../../command-failed.js';
import { type Io, print, printJson, remark } from '../../output/io.js';
import { painter } from '../../output/style.js';
import { type AdminOptions, segment } from '../admin/admin-option.js';
import type { ShownChange } from './change-answer.js';
import { shownLines } from './change-lines.js';

/** What the control plane answers to a proposal. */
export type Proposed = Changed & { readonly changeId: string };

export interface Proposal {
  readonly title: string;
  readonly commands: readonly { readonly type: string; readonly data: unknown }[];
  readonly reason?: string;
  readonly lasts?: number | null;
  readonly baseRevision?: number;
}

const MAX_MERGES = 3;

/** Proposes; merges the policy with what was published since as often as somebody is faster. */
export async function sendProposal(
  io: Io,
  admin: AdminClient,
  body: Proposal,
  merge: boolean,
  left = MAX_MERGES,
): Promise<Proposed> {
  try {
    return await admin.call<Proposed>('POST /changes', { body });
  } catch (error) {
    const stale = staleEditOf(error);
    if (!stale) throw error;
    if (stale.merged === null) {
      for (const line of conflictLines(stale)) remark(io, line);
      remark(io, 'netfold: begin again with the policy in force: netfold policy get');
      throw new CommandFailed();
    }
    if (!merge || left === 0) throw error;
    remark(io, `# merged with the policy of revision ${stale.published}`);
    const text = stale.merged;
    const commands = body.commands.map((one) => (one.type === 'PublishAcl' ? { ...one, data: { text } } : one));
    return sendProposal(io, admin, { ...body, commands, baseRevision: stale.head }, merge, left - 1);
  }
}

/** Says that a change was proposed, and what it would do. */
export async function printProposed(
  io: Io,
  admin: AdminClient,
  { json }: AdminOptions,
  answer: Proposed,
): Promise<void> {
  if (json) return printJson(io, answer);
  print(io, `Proposed as ${answer.changeId} (revision ${answer.revision}).`, '');
  const path = `GET /changes/${segment(answer.changeId)}?minRevision=${answer.revision}`;
  return print(io, ...shownLines(painter(io), await admin.call<ShownChange>(path)));
}
