import type { Bed } from './bed.js';
import type { Contender } from './contender.js';
import type { Figures } from './figures.js';

/** Something that is measured of a contender. */
export interface Scenario {
  /** As in `--only`. */
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /** Whether it can be measured of this one. */
  readonly fits: (contender: Contender) => boolean;
  readonly measure: (bed: Bed, contender: Contender) => Promise<Figures>;
}

export const everyone = (): boolean => true;
export const tunnels = ({ start }: Contender): boolean => start !== undefined;
export const netfoldOnly = ({ obeys }: Contender): boolean => obeys === true;
