import { applyDecorators, type PipeTransform } from '@nestjs/common';
import { ApiBody } from '@nestjs/swagger';
import { z } from 'zod';
import { NetfoldError } from '#kernel';

/** Lets through what a schema describes, and nothing that it does not mention. */
export class Valid<T> implements PipeTransform<unknown, T> {
  /** @param what where problems are, for messages: `body`, `query` */
  constructor(
    private readonly schema: z.ZodType<T>,
    private readonly what: 'body' | 'query' = 'body',
  ) {}

  transform(value: unknown): T {
    const result = this.schema.safeParse(value ?? {});
    if (result.success) return result.data;
    const [issue] = result.error.issues;
    throw new NetfoldError({
      code: `http.bad_${this.what}`,
      message: `the ${this.what} is not what this route takes: ${issue?.message ?? 'unreadable'}`,
      where: [this.what, ...(issue?.path ?? [])].join('.'),
      hint: 'see /api/openapi.json',
    });
  }
}

/** Documents the body of a route by the schema that checks it. */
export const BodyOf = (schema: z.ZodType) =>
  applyDecorators(ApiBody({ schema: z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as object }));
