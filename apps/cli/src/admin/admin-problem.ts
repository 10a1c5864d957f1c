import { NetfoldError, type Problem } from '#kernel';

/** One finding about a policy, as the server reports it. */
export interface PolicyFinding extends Problem {
  readonly severity: 'error' | 'warning';
  readonly line: number;
  readonly column: number;
}

/** What the control plane answered in place of a result. */
export class AdminProblem extends NetfoldError {
  private constructor(
    problem: Problem,
    /** Of a refused policy, all that is wrong with it. */
    readonly findings: readonly PolicyFinding[],
  ) {
    super(problem);
  }

  /** Reads `application/problem+json`; an answer of another kind is not from netfold. */
  static async of(response: Response): Promise<AdminProblem> {
    const body: unknown = await response.json().catch(() => undefined);
    if (!isProblem(body)) {
      const hint = 'check the URL: this does not look like a netfold control plane';
      return new AdminProblem(
        { code: 'control.other_server', message: `HTTP ${response.status}`, where: response.url, hint },
        [],
      );
    }
    const { code, title, where, hint, problems } = body;
    return new AdminProblem({ code, message: title, ...(where && { where }), ...(hint && { hint }) }, problems ?? []);
  }
}

interface ProblemDocument {
  readonly code: string;
  readonly title: string;
  readonly where?: string;
  readonly hint?: string;
  readonly problems?: readonly PolicyFinding[];
}

const isProblem = (body: unknown): body is ProblemDocument =>
  typeof body === 'object' && body !== null && 'code' in body && 'title' in body;
