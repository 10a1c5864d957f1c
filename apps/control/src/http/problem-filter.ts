import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { NetfoldError, type Problem, problemOf } from '#kernel';
import { isProbe } from '../observability/http-observer.js';
import type { RequestMetrics } from '../observability/metrics/request-metrics.js';
import { DetailedProblem } from '../problems/detailed-problem.js';
import { HTTP_STATUS } from '../problems/http-status.js';
import { kindOf } from '../problems/problem-kind.js';
import { RejectedCommand } from '../tailnet/rejected-command.js';

/** Answers every failure as `application/problem+json` (RFC 9457), with netfold's code, place and hint. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly requests: RequestMetrics,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { status, problem } = this.#answerFor(error);
    this.requests.problem('http', problem.code);
    if (!isProbe(http.getRequest<FastifyRequest>())) this.#tell(status, error, problem);
    const body = {
      type: `urn:netfold:problem:${problem.code}`,
      title: problem.message,
      status,
      code: problem.code,
      ...(problem.where && { where: problem.where }),
      ...(problem.hint && { hint: problem.hint }),
      ...(error instanceof RejectedCommand && error.problems && { problems: error.problems }),
      ...(error instanceof DetailedProblem && { details: error.details }),
    };
    const reply = http.getResponse<FastifyReply>();
    if (status === 503) void reply.header('Retry-After', '1');
    if (status === 401) void reply.header('WWW-Authenticate', 'Bearer');
    void reply.status(status).type('application/problem+json').send(body);
  }

  /** What goes by by itself is no fault of the program, and needs no stack. */
  #tell(status: number, error: unknown, problem: Problem): void {
    if (status === 503) this.logger.warn({ problem }, `a request is refused for now: ${problem.message}`);
    else if (status >= 500) this.logger.error({ err: error }, 'a request failed');
  }

  #answerFor(error: unknown): { readonly status: number; readonly problem: Problem } {
    const foreign = error instanceof NetfoldError ? undefined : statusOf(error);
    if (foreign !== undefined && foreign < 500) {
      const code = foreign === 404 ? 'http.not_found' : 'http.bad_request';
      return { status: foreign, problem: { code, message: problemOf(error).message } };
    }
    const problem = problemOf(error);
    const status = HTTP_STATUS[kindOf(problem)];
    if (problem.code !== 'internal') return { status, problem: IN_HTTP[problem.code] ?? problem };
    // What is not ours to explain stays out of the answer.
    return { status, problem: { code: 'internal', message: 'the server has failed; its log says why' } };
  }
}

/** Problems that this API has words of its own for. */
const IN_HTTP: Readonly<Record<string, Problem>> = {
  'command.id_reused': {
    code: 'http.idempotency_mismatch',
    message: 'this key came with another request before',
    where: 'Idempotency-Key',
    hint: 'use a new key for each request, and the same one only to repeat it as it was',
  },
};

/** The status that Nest or Fastify gives an error of theirs. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : undefined;
}
