import { expect, test } from '@jest/globals';
import type { ArgumentsHost } from '@nestjs/common';
import type { Logger } from 'pino';
import { NetfoldError } from '#kernel';
import { ProblemFilter } from './problem-filter.js';

/** What the log is told of a request that ends so, and its status. */
function told(url: string, error: unknown): { readonly status: number; readonly lines: unknown[] } {
  const lines: unknown[] = [];
  const note =
    (level: string) =>
    (_: unknown, text: string): void =>
      void lines.push([level, text]);
  const logger = { warn: note('warn'), error: note('error') } as unknown as Logger;
  let status = 0;
  const reply = {
    header: () => reply,
    type: () => reply,
    send: () => reply,
    status: (code: number) => {
      status = code;
      return reply;
    },
  };
  const http = { getResponse: () => reply, getRequest: () => ({ routeOptions: { url } }) };
  const host = { switchToHttp: () => http } as unknown as ArgumentsHost;
  new ProblemFilter(logger, { problem: () => {} } as never).catch(error, host);
  return { status, lines };
}

const away = new NetfoldError({ code: 'control.store_away', message: 'the store is away' });

test('what passes is a warning, and what is a fault an error', () => {
  expect(told('/api/v1/nodes', away)).toEqual({
    status: 503,
    lines: [['warn', 'a request is refused for now: the store is away']],
  });
  expect(told('/api/v1/nodes', new TypeError('x'))).toEqual({ status: 500, lines: [['error', 'a request failed']] });
  const refused = new NetfoldError({ code: 'auth.required', message: 'sign in' });
  expect(told('/api/v1/nodes', refused).lines).toEqual([]);
});

// A server that drained, or whose store was away, wrote an error with a stack for each probe.
test('a probe that is answered with a 503 is not told', () => {
  expect(told('/readyz', away)).toEqual({ status: 503, lines: [] });
});
