import type { AccessTable } from './access-table.js';
import type { CompiledRule } from './compiled-rule.js';

/** The peers that no identity selector can tell apart, and what was compiled for them. */
export interface PeerClass {
  readonly key: string;
  readonly labels: readonly string[];
  readonly sameUser: boolean;
  /** How many peers are of it. */
  members: number;
  /** The rules with a selector for their identity; compiled when first needed. */
  identityRules: readonly CompiledRule[] | undefined;
  /** By source and destination class. */
  readonly tables: Map<number, AccessTable>;
}
