import type { Named } from './named.js';

/** Flows that were lost or gained, in words. */
export interface FlowChange {
  readonly change: 'lost' | 'gained';
  readonly from: Named;
  readonly to: Named;
  /** `5432/tcp`, `53/udp`, `icmp`; `*`: all of TCP, UDP and ICMP. */
  readonly services: readonly string[];
  /** Absent: both families. */
  readonly family?: 'IPv4' | 'IPv6';
  /** `own`: only between machines of the same user; `others`: only between those that are not. */
  readonly among: 'all' | 'own' | 'others';
  /** The rules of the policy that let them pass, before or after: `acls[3]`. */
  readonly through: readonly string[];
  /** How many pairs of ends it is about. */
  readonly pairs: number;
  /** `group:eng → tag:db 5432/tcp (through acls[3])` */
  readonly text: string;
}
