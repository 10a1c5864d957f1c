import type { End } from './end.js';
import type { Families } from './families.js';
import type { Services } from './services.js';

/** Which pairs of the ends: all of them, only those of the same user, or all but those. No node is paired with itself. */
export type Among = 'all' | 'own' | 'others';

/** Flows that there are at one of two moments and not at the other: from each of some ends to each of others. */
export interface Flows {
  /** Lost: there were before, and are not after. */
  readonly change: 'lost' | 'gained';
  readonly from: readonly End[];
  readonly to: readonly End[];
  readonly services: Services;
  readonly families: Families;
  readonly among: Among;
  /** The ids of the compiled rules that they passed under before, or pass under after. */
  readonly rules: ReadonlySet<string>;
}
