import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Problem } from '#kernel';
import { type Problem as ProblemMessage, ProblemSchema } from './gen/netfold/v1/problem_pb.js';
import { reading } from './malformed.js';

export const problemMessage = (problem: Problem): ProblemMessage =>
  create(ProblemSchema, {
    code: problem.code,
    message: problem.message,
    where: problem.where ?? '',
    hint: problem.hint ?? '',
  });

export function problemFrom({ code, message, where, hint }: ProblemMessage): Problem {
  return { code, message, ...(where && { where }), ...(hint && { hint }) };
}

export const encodeProblem = (problem: Problem): Uint8Array => toBinary(ProblemSchema, problemMessage(problem));

/** @throws NetfoldError `wire.malformed` */
export const decodeProblem = (bytes: Uint8Array): Problem =>
  problemFrom(reading('a Problem', () => fromBinary(ProblemSchema, bytes)));
