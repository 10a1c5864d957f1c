import type { TailnetState } from '#tailnet';
import { nodeChanges } from './node-changes.js';
import { peopleChanges } from './people-changes.js';
import { settingsChanges } from './settings-changes.js';
import type { StateChange } from './state-change.js';
import { diffTexts } from './text-diff.js';

/** All that differs between two states of a tailnet, in words; each kind by name. */
export const stateChanges = (before: TailnetState, after: TailnetState): StateChange[] => [
  ...policyChange(before, after),
  ...settingsChanges(before, after),
  ...byName(peopleChanges(before, after)),
  ...byName(nodeChanges(before, after)),
];

/** Maps have an order of their own, which depends on all that is in them. */
const byName = (changes: Iterable<StateChange>): StateChange[] =>
  [...changes].sort((a, b) => compare(a.about, b.about) || compare(a.subject, b.subject));

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function policyChange(before: TailnetState, after: TailnetState): StateChange[] {
  const lines = diffTexts(before.policy.text, after.policy.text);
  if (lines.length === 0) return [];
  const count = (kind: 'added' | 'removed') => lines.filter((line) => line.kind === kind).length;
  const [added, removed] = [count('added'), count('removed')];
  const what =
    before.policy.text === ''
      ? 'is published for the first time'
      : `has ${added} new ${added === 1 ? 'line' : 'lines'} and lost ${removed}`;
  return [{ about: 'policy', subject: 'policy', what }];
}
