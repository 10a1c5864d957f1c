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
    /** What else the server knows of it; its shape follows from the code. */
    readonly details: unknown,
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
        undefined,
      );
    }
    const { code, title, where, hint, problems, details } = body;
    const problem = { code, message: title, ...(where && { where }), ...(hint && { hint }) };
    return new AdminProblem(problem, problems ?? [], details);
  }
}

interface ProblemDocument {
  readonly code: string;
  readonly title: string;
  readonly where?: string;
  readonly hint?: string;
  readonly problems?: readonly PolicyFinding[];
  readonly details?: unknown;
}

const isProblem = (body: unknown): body is ProblemDocument =>
  typeof body === 'object' && body !== null && 'code' in body && 'title' in body;
