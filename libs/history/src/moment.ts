import { NetfoldError } from '#kernel';

/** A place in the history of a tailnet: a revision, or a time in milliseconds since the Unix epoch. */
export type Moment = { readonly revision: number } | { readonly time: number };

const REVISION = /^(?:rev:|@)?(\d{1,15})$/i;
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})?)?$/i;
const AGO = /^(\d{1,6})\s*(s|m|h|d|w)(?:\s*ago)?$/i;

const UNITS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, w: 6048e5 };

/**
 * Reads what people call a moment: a revision (`1234`, `rev:1234`), a time in ISO 8601 (`2026-11-01T10:00Z`,
 * `2026-11-01T12:00+02:00`; in UTC when it names no zone, as all times that netfold prints), a day (`2026-11-01`: its
 * beginning in UTC), or how long ago (`2h`, `30m ago`, `yesterday`: 24 hours ago, `now`).
 * @param now milliseconds since the Unix epoch
 * @throws NetfoldError `history.bad_moment`
 */
export function parseMoment(text: string, now: number): Moment {
  const trimmed = text.trim();
  const revision = REVISION.exec(trimmed)?.[1];
  if (revision !== undefined) return { revision: Number(revision) };
  const time = timeOf(trimmed, now);
  if (time !== undefined) return { time };
  throw new NetfoldError({
    code: 'history.bad_moment',
    message: `${JSON.stringify(text)} names no moment`,
    where: 'at',
    hint: 'write a revision (1234), a time (2026-11-01T10:00Z), a day (2026-11-01) or how long ago (2h)',
  });
}

function timeOf(text: string, now: number): number | undefined {
  if (/^now$/i.test(text)) return now;
  if (/^yesterday$/i.test(text)) return now - 864e5;
  const [, count, unit = ''] = AGO.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS[unit.toLowerCase()] ?? 0);
  const parts = DATE.exec(text);
  return parts ? instantOf(parts) : undefined;
}

function instantOf([, year, month, day, hour = '0', minute = '0', second = '0', part = '', zone = 'Z']: string[]):
  | number
  | undefined {
  const fields = [year, month, day, hour, minute, second].map(Number) as Six;
  const [y, mo, d, h, mi, s] = fields;
  const utc = Date.UTC(y, mo - 1, d, h, mi, s);
  const back = new Date(utc);
  const same = [
    back.getUTCMonth() + 1,
    back.getUTCDate(),
    back.getUTCHours(),
    back.getUTCMinutes(),
    back.getUTCSeconds(),
  ];
  // There is no 30th of February, and no 25th hour.
  if (same.some((field, i) => field !== fields[i + 1])) return undefined;
  const offset = offsetOf(zone);
  return offset === undefined ? undefined : utc + Number(part.padEnd(3, '0').slice(0, 3)) - offset;
}

type Six = [number, number, number, number, number, number];

/** Milliseconds that the zone is ahead of UTC. */
function offsetOf(zone: string): number | undefined {
  if (/^z$/i.test(zone)) return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 36e5 + minutes * 6e4);
}
