import { NetfoldError } from '#kernel';
import type { PolicyProblem } from '#policy';

/** A command that the domain refused. */
export class RejectedCommand extends NetfoldError {
  /** Everything that is wrong with a policy text; absent for other refusals. */
  readonly problems?: readonly PolicyProblem[];

  constructor(rejection: ConstructorParameters<typeof NetfoldError>[0] & { problems?: readonly PolicyProblem[] }) {
    super(rejection);
    this.name = 'RejectedCommand';
    if (rejection.problems) this.problems = rejection.problems;
  }
}
