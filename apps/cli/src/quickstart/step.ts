import type { Stage } from './stage.js';

/** What a step measured: plain JSON. */
export type Figures = Readonly<Record<string, unknown>>;

/** Tells the person what just happened. */
export type Tell = (line: string) => void;

/** One part of the scenario. It fails by throwing; what it tells and returns has happened. */
export interface Step {
  readonly name: string;
  readonly title: string;
  run(stage: Stage, tell: Tell): Promise<Figures>;
}
