import { Command } from 'commander';
import { type CommandFactory, examples } from '../command.js';
import { acknowledgeOverride, applyChange, scheduleChange, withdrawChange } from './change-apply.js';
import { listChanges, showChange } from './change-list.js';
import { proposeChange, renewChange } from './change-propose.js';
import { approveChange, rejectChange } from './change-review.js';
import { listRules, setRule } from './change-rules.js';
import { revertChange } from './revert.js';

const SUBCOMMANDS: readonly CommandFactory[] = [
  proposeChange,
  listChanges,
  showChange,
  approveChange,
  rejectChange,
  applyChange,
  scheduleChange,
  withdrawChange,
  renewChange,
  revertChange,
  listRules,
  setRule,
  acknowledgeOverride,
];

export const changeCommand: CommandFactory = (io) => {
  const command = new Command('change')
    .summary('propose, review and apply changes')
    .description(
      'Changes that are proposed, reviewed by others for what they would do, and applied whole or not at all.',
    );
  for (const sub of SUBCOMMANDS) command.addCommand(sub(io));
  return examples(
    command,
    ['netfold change propose --title "open 443" --policy policy.hujson', 'instead of publishing it'],
    ['netfold change show c3f9a01c2de', 'who would reach what, newly or no longer'],
    ['netfold change approve c3f9a01c2de', 'by somebody else'],
    ['netfold change apply c3f9a01c2de', 'by anybody of them'],
  );
};
