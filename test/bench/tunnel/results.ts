import { medianOf } from '../median.js';
import { FIGURE_NAMES, type FigureName, type Figures } from './figures.js';

/** What every contender achieved in every round. */
export class Results {
  /** By contender; one entry per round. */
  readonly #rounds = new Map<string, Partial<Record<FigureName, number>>[]>();

  add(contender: string, round: number, figures: Figures): void {
    const rounds = this.#rounds.get(contender) ?? [];
    rounds[round] = { ...rounds[round], ...figures };
    this.#rounds.set(contender, rounds);
  }

  get contenders(): readonly string[] {
    return [...this.#rounds.keys()];
  }

  /** The figures that anybody has. */
  get figures(): readonly FigureName[] {
    return FIGURE_NAMES.filter((figure) => this.contenders.some((name) => this.runs(name, figure).length > 0));
  }

  /** In the order of the rounds. */
  runs(contender: string, figure: FigureName): readonly number[] {
    return (this.#rounds.get(contender) ?? []).map((round) => round?.[figure]).filter(isMeasured);
  }

  median(contender: string, figure: FigureName): number | undefined {
    return medianOf(this.runs(contender, figure));
  }

  /** The median of the ratios within each round: what else the machine did in a round meets both alike. */
  ratio(contender: string, against: string, figure: FigureName): number | undefined {
    const [own, others] = [contender, against].map((name) => this.#rounds.get(name) ?? []);
    const ratios = (own ?? []).map(
      (round, index) => (round?.[figure] ?? Number.NaN) / (others?.[index]?.[figure] ?? Number.NaN),
    );
    return medianOf(ratios.filter(isMeasured));
  }
}

const isMeasured = (value: number | undefined): value is number => value !== undefined && Number.isFinite(value);
