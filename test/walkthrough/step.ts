import type { Outcome } from './outcome.js';
import type { Stage } from './stage.js';

/** What a step must show. */
export interface Expectation {
  /** For a person: "prints Success." */
  readonly says: string;
  readonly holds: (outcome: Outcome) => boolean;
}

/** One step of the guide. */
export interface Step {
  readonly title: string;
  /** The host where somebody types the command. */
  readonly on: string;
  /** As the guide prints it, run by a shell. */
  readonly command: string | ((stage: Stage) => string | Promise<string>);
  readonly expect: readonly Expectation[];
  /** What a person does with the link that the command prints and waits for. */
  readonly person?: (stage: Stage, link: string) => Promise<void>;
  /** The command stays: what it has printed is looked at until it is as expected. */
  readonly stays?: true;
  /** Something is on its way: the command is repeated until it shows. */
  readonly soon?: true;
}

export interface Chapter {
  readonly title: string;
  readonly steps: readonly Step[];
}

/** One line is exactly this. */
export const line = (text: string): Expectation => ({
  says: `prints the line ${JSON.stringify(text)}`,
  holds: ({ output }) => output.split('\n').some((printed) => printed.trim() === text),
});

export const prints = (pattern: RegExp): Expectation => ({
  says: `prints ${pattern}`,
  holds: ({ output }) => pattern.test(output),
});

export const silentAbout = (pattern: RegExp): Expectation => ({
  says: `prints nothing like ${pattern}`,
  holds: ({ output }) => !pattern.test(output),
});

export const succeeds: Expectation = { says: 'ends with exit code 0', holds: ({ code }) => code === 0 };

export const fails: Expectation = {
  says: 'ends with another exit code than 0',
  holds: ({ code }) => code !== undefined && code !== 0,
};
