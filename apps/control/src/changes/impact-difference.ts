import type { Impact } from '#reach';

/** What a change would do by now and would not have done, and the other way round; in words. */
export interface ImpactDifference {
  readonly added: readonly string[];
  readonly gone: readonly string[];
}

export function impactDifference(then: Impact, now: Impact): ImpactDifference {
  const [before, after] = [sentencesOf(then), sentencesOf(now)];
  return {
    added: after.filter((line) => !before.includes(line)),
    gone: before.filter((line) => !after.includes(line)),
  };
}

const sentencesOf = ({ changes, gained, lost, failingTests }: Impact): string[] => [
  ...changes.map(({ subject, what }) => `${subject} ${what}`),
  ...gained.map(({ text }) => `gained: ${text}`),
  ...lost.map(({ text }) => `lost: ${text}`),
  ...failingTests.map(({ message }) => `fails: ${message}`),
];
