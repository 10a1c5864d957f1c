import { endsOf, type FlowChange, type Impact } from '#reach';

/** What a change would do by now and would not have done, and the other way round; in words. */
export interface ImpactDifference {
  readonly added: readonly string[];
  readonly gone: readonly string[];
}

/**
 * Tells two impacts of different digests apart. It always has something to say of them.
 * @param nameOf what a node is called, by its id
 */
export function impactDifference(then: Impact, now: Impact, nameOf: (id: string) => string): ImpactDifference {
  const [before, after] = [sentencesOf(then), sentencesOf(now)];
  const [endsBefore, endsAfter] = [endsByFlow(then), endsByFlow(now)];
  const added = [...notIn(before, after), ...otherEnds(endsBefore, endsAfter, 'also', nameOf)];
  const gone = [...notIn(after, before), ...otherEnds(endsAfter, endsBefore, 'no longer', nameOf)];
  return added.length + gone.length > 0 ? { added, gone } : { added: [SAME_IN_WORDS], gone };
}

const SAME_IN_WORDS = 'the same flows by name, between other pairs of machines, or too many to compare';

const notIn = (known: readonly string[], lines: readonly string[]): string[] => {
  const before = new Set(known);
  return lines.filter((line) => !before.has(line));
};

const sentencesOf = ({ changes, policy, gained, lost, failingTests }: Impact): string[] => [
  ...changes.map(({ subject, what }) => `${subject}: ${what}`),
  ...policy.flatMap(({ kind, text }) => (kind === 'same' ? [] : [`policy ${kind}: ${text.trim()}`])),
  ...[...gained, ...lost].map(sentenceOf),
  ...failingTests.map(({ message }) => `fails: ${message}`),
];

const sentenceOf = ({ change, text }: FlowChange): string => `${change}: ${text}`;

interface Ends {
  readonly from: Set<string>;
  readonly to: Set<string>;
}

/** The ends of all flows that are told with the same words. */
function endsByFlow({ gained, lost }: Impact): Map<string, Ends> {
  const found = new Map<string, Ends>();
  for (const flow of [...gained, ...lost]) {
    const ends = found.get(sentenceOf(flow)) ?? { from: new Set(), to: new Set() };
    const { from, to } = endsOf(flow);
    for (const end of from) ends.from.add(end);
    for (const end of to) ends.to.add(end);
    found.set(sentenceOf(flow), ends);
  }
  return found;
}

/** A name can stand for other machines by now: of flows that both know by the same words, the ends that only one has. */
function otherEnds(
  known: ReadonlyMap<string, Ends>,
  flows: ReadonlyMap<string, Ends>,
  how: 'also' | 'no longer',
  nameOf: (id: string) => string,
): string[] {
  return [...flows].flatMap(([sentence, ends]) => {
    const before = known.get(sentence);
    if (!before) return [];
    const sides = (['from', 'to'] as const).flatMap((side) => {
      const names = [...ends[side]].filter((end) => !before[side].has(end)).map(nameOf);
      return names.length > 0 ? [`${how} ${side} ${listed(names.sort())}`] : [];
    });
    return sides.length > 0 ? [`${sentence}: ${sides.join(', ')}`] : [];
  });
}

const MAX_NAMES = 5;

const listed = (names: readonly string[]): string =>
  names.length > MAX_NAMES
    ? `${names.slice(0, MAX_NAMES).join(', ')} and ${names.length - MAX_NAMES} more`
    : names.join(', ');
