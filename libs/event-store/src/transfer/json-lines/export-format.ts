import { NetfoldError } from '#kernel';
import type { Head } from '../../event.js';
import type { LedgerRow } from '../ledger-ports.js';

/**
 * An export is UTF-8 text, one JSON value (RFC 8785) per line, every line ended by a newline:
 *
 *     {"format":"netfold-ledger","version":1}
 *     {"event":{…},"hash":"64 hexadecimal digits"}
 *     {"end":{"events":2,"heads":{"tailnet-a":{"hash":"…","revision":1}}}}
 *
 * first what it is; then each event in the order in which the ledger stores them, its text exactly as its hash covers
 * it (see `eventHash`); last how many there are and where each stream ends, without which the export is cut off.
 */
export const EXPORT_VERSION = 1;

export const HEADER = `{"format":"netfold-ledger","version":${EXPORT_VERSION}}`;

const EVENT = '{"event":';
const HASH = /^,"hash":"([0-9a-f]{64})"\}$/;
/** The length of what stands behind the event. */
const HASH_PART = ',"hash":"'.length + 64 + '"}'.length;

export const formatRow = ({ body, hash }: LedgerRow): string => `${EVENT}${body},"hash":"${hash}"}`;

/** How an export ends. */
export interface ExportEnd {
  readonly events: number;
  readonly heads: ReadonlyMap<string, Head>;
}

export function formatEnd({ events, heads }: ExportEnd): string {
  const sorted = [...heads]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stream, { hash, revision }]) => [stream, { hash, revision }]);
  return `{"end":${JSON.stringify({ events, heads: Object.fromEntries(sorted) })}}`;
}

/**
 * The event of a line; undefined when it is none. That the event is what its hash says is not looked at here.
 * @param where `FILE:LINE`
 */
export function parseRow(line: string, where: string): LedgerRow | undefined {
  const hash = HASH.exec(line.slice(-HASH_PART))?.[1];
  if (!line.startsWith(EVENT) || hash === undefined) return undefined;
  const body = line.slice(EVENT.length, -HASH_PART);
  const { stream, revision } = (tryJson(body) ?? {}) as { stream?: unknown; revision?: unknown };
  if (typeof stream !== 'string' || typeof revision !== 'number') return undefined;
  return { stream, revision, hash, body, where };
}

/** The end in a line; undefined when it is none. */
export function parseEnd(line: string): ExportEnd | undefined {
  if (!line.startsWith('{"end":')) return undefined;
  const { events, heads } = ((tryJson(line) as { end?: unknown } | undefined)?.end ?? {}) as Partial<
    Record<keyof ExportEnd, unknown>
  >;
  if (typeof events !== 'number' || typeof heads !== 'object' || heads === null) return undefined;
  return { events, heads: new Map(Object.entries(heads as Record<string, Head>)) };
}

/** @throws NetfoldError `export.not_an_export`, `export.newer_format` */
export function requireHeader(line: string, where: string): void {
  if (line === HEADER) return;
  const { format, version } = (tryJson(line) ?? {}) as { format?: unknown; version?: unknown };
  if (format === 'netfold-ledger' && typeof version === 'number' && version > EXPORT_VERSION) {
    throw new NetfoldError({
      code: 'export.newer_format',
      message: `the export has the format ${version}; this netfold knows up to ${EXPORT_VERSION}`,
      where,
      hint: 'use the netfold that made it, or a newer one',
    });
  }
  throw new NetfoldError({
    code: 'export.not_an_export',
    message: 'the file is no export of a ledger: its first line does not say so',
    where,
    hint: 'make one: netfold export --to FILE',
  });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
