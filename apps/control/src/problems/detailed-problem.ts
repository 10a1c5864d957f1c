import { type JsonObject, NetfoldError, type Problem } from '#kernel';

/** A failure with more to say than a sentence: what programs, and people who look closer, want to see of it. */
export class DetailedProblem extends NetfoldError {
  constructor(
    problem: Problem,
    readonly details: JsonObject,
  ) {
    super(problem);
    this.name = 'DetailedProblem';
  }
}
