import type { Painter } from '../../output/style.js';
import { formatTable } from '../../output/table.js';
import { formatAge, formatInstant } from '../../output/time.js';
import { impactLines } from '../admin/impact-lines.js';
import type { Change, ListedChange, Override, Requirement, ShownChange } from './change-answer.js';

const minute = (ms: number): string => `${formatInstant(ms).slice(0, 16)} UTC`;

/** A change for people: what it is, how far it has come, what it does, and what comes next. */
export function shownLines(paint: Painter, shown: ShownChange): string[] {
  const { impact, problem, sinceApproved } = shown;
  const change = shownChange(shown);
  return [
    `${paint('bold', change.title)}  ${change.id}  ${stageOf(paint, change)}`,
    ...formatTable(factsOf(change)).map((line) => `  ${line}`),
    '',
    paint('bold', change.commands.length === 1 ? 'Command' : `${change.commands.length} commands, all or none`),
    ...change.commands.map(({ text }, i) => `  ${i + 1}  ${text}`),
    ...(impact ? ['', ...impactLines(paint, impact)] : []),
    ...(sinceApproved ? differenceLines(paint, sinceApproved) : []),
    ...(problem ? ['', paint('red', `It cannot be applied now: ${problem.message}`)] : []),
    ...nextLines(change, problem?.hint),
  ];
}

/** The change as a list would tell of it: with whether it would do something else now than what was approved. */
export const shownChange = ({ change, sinceApproved }: ShownChange): Change => ({
  ...change,
  moved: sinceApproved !== null && change.requirements.length > 0,
});

/** How far it has come, in a word or two, and whether it could go on from there. */
export function stageOf(paint: Painter, change: ListedChange): string {
  const { stage, ready, until, scheduledFor, end, problem, moved } = change;
  if (stage === 'applied' && until !== null) return paint('green', 'applied for a while');
  if (stage === 'applied') return end ? paint('red', 'applied, not taken back') : paint('green', 'applied');
  if (stage !== 'open') return stage === 'failed' ? paint('red', stage) : paint('dim', stage);
  if (problem) return paint('red', /\.stale_/.test(problem.code) ? 'conflict' : 'cannot be applied');
  if (!ready || moved) return paint('yellow', ready ? 'needs approval again' : 'needs approval');
  return paint('green', scheduledFor === null ? 'ready' : 'scheduled');
}

/** `1 of 2` for each rule; `-` when none asks for any. */
export const approvalsOf = (requirements: readonly Requirement[]): string =>
  requirements.map(({ needed, missing }) => `${needed - missing} of ${needed}`).join(', ') || '-';

function factsOf(change: Change): string[][] {
  const { reason, proposedBy, proposedAt, revision, requirements, approvals, lapsed } = change;
  const { scheduledFor, lasts, applied, until, end } = change;
  const facts: (readonly [string, string] | undefined | '')[] = [
    ['proposed by', `${proposedBy.name}, ${minute(proposedAt)} (revision ${revision})`],
    reason && ['reason', reason],
    ...requirements.map(
      ({ role, needed, missing }) =>
        ['approvals', `${needed - missing} of ${needed} by people who are ${role} or above`] as const,
    ),
    ...approvals.map(
      ({ by, at, comment }) =>
        [
          'approved by',
          `${by.name}${countsFor(requirements, by.name)}, ${minute(at)}${comment && `: ${comment}`}`,
        ] as const,
    ),
    lapsed && approvals.length === 0
      ? [
          'lapsed',
          `the approval of ${lapsed.approvals.map(({ by }) => by.name).join(', ')} (revision ${lapsed.revision})`,
        ]
      : undefined,
    scheduledFor === null ? undefined : ['scheduled for', minute(scheduledFor)],
    lasts === null || applied ? undefined : ['holds for', `${formatAge(lasts)} once it is applied`],
    applied ? ['applied by', `${applied.by.name}, ${minute(applied.at)}${eventsOf(applied)}`] : undefined,
    until === null ? undefined : ['until', `${minute(until)}: then it takes itself back`],
    end
      ? [
          end.by ? `${change.stage} by` : change.stage,
          `${end.by ? `${end.by.name}, ` : ''}${minute(end.at)}${end.why && `: ${end.why}`}`,
        ]
      : undefined,
  ];
  return facts.flatMap((fact) => (fact ? [[...fact]] : []));
}

/** Anybody who may review may say that they approve; a rule counts those of its role. */
const countsFor = (requirements: readonly Requirement[], name: string): string =>
  requirements.length === 0 || requirements.some(({ by }) => by.includes(name)) ? '' : ' (does not count)';

const eventsOf = ({ first, last }: { readonly first: number; readonly last: number }): string => {
  if (last < first) return ' (all was so already)';
  return first === last ? ` (revision ${first})` : ` (revisions ${first} to ${last})`;
};

const differenceLines = (paint: Painter, { added, gone }: NonNullable<ShownChange['sinceApproved']>): string[] => [
  '',
  paint('yellow', 'Other than when it was approved, so that approval does not count any more:'),
  ...added.map((line) => `  + ${line}`),
  ...gone.map((line) => `  - ${line}`),
];

/** What comes next, if anything does. @param hint what stands in the way */
export function nextLines(change: ListedChange, hint?: string): string[] {
  const next = nextOf(change, hint);
  return next === undefined ? [] : ['', `Next: ${next}`];
}

/** What a person would do about a change. */
function nextOf(change: ListedChange, hint: string | undefined): string | undefined {
  const { id, stage, ready, moved, requirements, scheduledFor, until, end } = change;
  if (hint !== undefined) return hint;
  if (stage === 'applied')
    return until === null && end
      ? 'look at what has changed since, and mend it by hand'
      : `netfold change revert ${id}   (to take it back)`;
  if (stage !== 'open') return undefined;
  if (ready && !moved)
    return scheduledFor === null
      ? `netfold change apply ${id}`
      : `it applies itself; or now: netfold change apply ${id}`;
  const roles = requirements.filter(({ missing }) => moved || missing > 0).map(({ role }) => role);
  return `somebody else (${[...new Set(roles)].join(', ')}) runs: netfold change approve ${id}`;
}

/** Emergencies that nobody else has taken note of yet. */
export const overrideLines = (paint: Painter, overrides: readonly Override[]): string[] =>
  overrides.flatMap(({ id, command, changeId, reason, by, at }) => [
    paint('red', `EMERGENCY ${id}: ${by.name} ran ${changeId ?? command} without approval, ${minute(at)}: ${reason}`),
    `  when you have looked at it: netfold change acknowledge ${id}`,
  ]);
