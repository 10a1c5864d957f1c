import type { TailnetState } from '#tailnet';
import { nodeChanges } from './node-changes.js';
import { peopleChanges } from './people-changes.js';
import { settingsChanges } from './settings-changes.js';
import type { StateChange } from './state-change.js';
import { diffTexts } from './text-diff.js';

/** All that differs between two states of a tailnet, in words. */
export const stateChanges = (before: TailnetState, after: TailnetState): StateChange[] => [
  ...policyChange(before, after),
  ...settingsChanges(before, after),
  ...peopleChanges(before, after),
  ...nodeChanges(before, after),
];

function policyChange(before: TailnetState, after: TailnetState): StateChange[] {
  const lines = diffTexts(before.policy.text, after.policy.text);
  if (lines.length === 0) return [];
  const count = (kind: 'added' | 'removed') => lines.filter((line) => line.kind === kind).length;
  const [added, removed] = [count('added'), count('removed')];
  const what =
    before.policy.text === '' ? 'is published for the first time' : `has ${added} new lines and lost ${removed}`;
  return [{ about: 'policy', subject: 'policy', what }];
}
