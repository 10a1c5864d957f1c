import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { type Problem, problemOf } from '#kernel';
import { encodeProblem, PROBLEM_TRAILER } from '#wire';
import { kindOf, type ProblemKind } from '../problems/problem-kind.js';

const STATUS: Readonly<Record<ProblemKind, status>> = {
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  unknown: status.NOT_FOUND,
  stale: status.FAILED_PRECONDITION,
  unconditional: status.FAILED_PRECONDITION,
  conflict: status.ABORTED,
  mismatch: status.INVALID_ARGUMENT,
  invalid: status.INVALID_ARGUMENT,
  unavailable: status.UNAVAILABLE,
  internal: status.INTERNAL,
};

/** What is not ours to explain stays out of the answer; the log has it. */
const shown = (problem: Problem): Problem =>
  problem.code === 'internal' ? { code: 'internal', message: 'the server has failed; its log says why' } : problem;

/** How a call fails: a gRPC status for machines that know no more, and the whole problem in a trailer. */
export function grpcFailure(error: unknown): StatusObject {
  const problem = shown(problemOf(error));
  const metadata = new Metadata();
  metadata.set(PROBLEM_TRAILER, Buffer.from(encodeProblem(problem)));
  return { code: STATUS[kindOf(problem)], details: `${problem.code}: ${problem.message}`, metadata };
}
