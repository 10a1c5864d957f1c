const UNITS: readonly (readonly [suffix: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
];

/** A span in its largest whole unit: `42s`, `3h`, `12d`; below one second `now`. */
export function formatAge(ms: number): string {
  for (const [suffix, size] of UNITS) if (ms >= size) return `${Math.floor(ms / size)}${suffix}`;
  return 'now';
}

/** `2026-11-01 10:00:00.213` in UTC, which sorts and pastes back into `--since`. */
export const formatInstant = (ms: number): string => new Date(ms).toISOString().replace('T', ' ').replace('Z', '');

/** Milliseconds with three significant places at most: `0.41 ms`, `12.3 ms`, `240 ms`. */
export const formatMs = (ms: number): string =>
  `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;

const SPAN = /^(\d+)([smhdw])$/;
const SPAN_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };

/** The milliseconds of `90s`, `15m`, `12h`, `7d` or `2w`, or undefined. */
export function parseSpan(text: string): number | undefined {
  const [, count, unit] = SPAN.exec(text) ?? [];
  return count && unit ? Number(count) * (SPAN_MS[unit] ?? 0) : undefined;
}
