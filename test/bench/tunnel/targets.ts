import { BASE, NETFOLD } from './contender.js';
import { type FigureName, meaningOf } from './figures.js';
import type { Results } from './results.js';

/** What netfold is to achieve. */
interface Target {
  readonly figure: FigureName;
  /** The ratio to another contender's figure, or the figure itself. */
  readonly against?: 'debian' | 'peers';
  readonly least?: number;
  readonly most?: number;
}

const TARGETS: readonly Target[] = [
  { figure: 'tcp1', against: 'debian', least: 6 },
  { figure: 'tcp4', against: 'debian', least: 6 },
  { figure: 'udp64', against: 'debian', least: 3 },
  { figure: 'pingIdle', against: 'debian', most: 0.7 },
  { figure: 'tcp1', against: 'peers', least: 1.5 },
  { figure: 'tcp4', against: 'peers', least: 1.5 },
  { figure: 'udp64', against: 'peers', least: 3 },
  { figure: 'floodKept', least: 80 },
  { figure: 'peersCost', most: 10 },
  { figure: 'filterCost', most: 10 },
  { figure: 'rekeyCost', most: 10 },
];

/** What became of a target. */
export interface Verdict {
  readonly figure: FigureName;
  /** Whose figure the ratio is to; undefined for the figure itself. */
  readonly against: string | undefined;
  readonly wanted: string;
  readonly value: number;
  readonly met: boolean;
}

/** Those targets that the results say something about. @param peers the other programs that were measured */
export function judge(results: Results, peers: readonly string[]): readonly Verdict[] {
  return TARGETS.flatMap(({ figure, against, least, most }) => {
    const others = against === 'debian' ? [BASE] : against === 'peers' ? peers : [undefined];
    return others.flatMap((other) => {
      const value = other ? results.ratio(NETFOLD, other, figure) : results.median(NETFOLD, figure);
      if (value === undefined) return [];
      const met = value >= (least ?? value) && value <= (most ?? value);
      const wanted = `${least === undefined ? '<=' : '>='} ${least ?? most}${other ? 'x' : ''}`;
      return [{ figure, against: other, wanted, value, met }];
    });
  });
}

export const describeVerdict = ({ figure, against, wanted, value, met }: Verdict): readonly string[] => [
  meaningOf(figure).title + (against ? `, to ${against}` : ''),
  wanted,
  `${value.toFixed(against ? 2 : 1)}${against ? 'x' : ''}`,
  met ? 'met' : 'MISSED',
];
