import { tryParseAddress } from '#net';
import type { PresenceReport } from '#wire';

/** A machine has a few interfaces. Every peer is told of every endpoint, and may send packets there. */
const MAX_ENDPOINTS = 16;

/** As much of a report as may be passed on to others: real addresses and ports, and not too many. */
export const credible = (report: PresenceReport): PresenceReport => ({
  ...report,
  endpoints: [...new Set(report.endpoints)].filter(isEndpoint).slice(0, MAX_ENDPOINTS),
});

function isEndpoint(text: string): boolean {
  const [, v6, v4, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([0-9.]+)):([1-9]\d{0,4})$/.exec(text) ?? [];
  const address = tryParseAddress(v6 ?? v4 ?? '');
  return address !== undefined && address.length === (v6 ? 16 : 4) && Number(port) <= 65_535;
}
