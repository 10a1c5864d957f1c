/**
 * What a person needs to mend a failure: a stable code for programs, a sentence for people,
 * where it happened and what to do about it.
 */
export interface Problem {
  /** Dotted and stable, area first: `policy.syntax`, `node.name_taken`. Programs match on it. */
  readonly code: string;
  /** One sentence, without a trailing hint. */
  readonly message: string;
  /** The place in the input: `policy.hujson:12:7`, `--auth-key`, `acls[3].dst[0]`. */
  readonly where?: string;
  /** What to do next, as an instruction. */
  readonly hint?: string;
}

/** A `Problem` that is thrown. Everything netfold throws on purpose is one of these. */
export class NetfoldError extends Error implements Problem {
  readonly code: string;
  readonly where?: string;
  readonly hint?: string;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'NetfoldError';
    this.code = problem.code;
    if (problem.where !== undefined) this.where = problem.where;
    if (problem.hint !== undefined) this.hint = problem.hint;
  }
}

/** The `Problem` behind anything caught; what netfold did not throw becomes `internal`. */
export function problemOf(error: unknown): Problem {
  if (error instanceof NetfoldError) {
    const { code, message, where, hint } = error;
    return { code, message, ...(where && { where }), ...(hint && { hint }) };
  }
  return { code: 'internal', message: error instanceof Error ? error.message : String(error) };
}
