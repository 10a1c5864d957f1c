const REASONS = [
  'malformed',
  'bad_mac1',
  'bad_mac2',
  'rate_limited',
  'unknown_peer',
  'unknown_index',
  'bad_handshake',
  'replayed_handshake',
  'not_authentic',
  'replayed',
  'session_expired',
  'not_ip',
  'source_not_allowed',
  'queue_full',
  'handshake_failed',
] as const;

/** Why a datagram or packet went no further. */
export type DropReason = (typeof REASONS)[number];

export const newDropCounters = (): Record<DropReason, number> =>
  Object.fromEntries(REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
