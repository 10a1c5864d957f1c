import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { WriteRequest } from '../tailnet/decide-batch.js';
import { Observability } from './observability.js';
import { requestContext } from './request-context.js';

const TRACE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 };
const REQUEST: WriteRequest = {
  id: 'c',
  actor: { kind: 'system', id: 'test' },
  command: { type: 'ExpireDue', data: {} },
};

/** What the writer is asked, for a request with this trace. */
async function asked(trace: typeof TRACE | undefined): Promise<WriteRequest | undefined> {
  const observability = new Observability({ now: () => 0 }, pino({ level: 'silent' }));
  let seen: WriteRequest | undefined;
  await requestContext.run({ requestId: 'r', trace }, () =>
    observability.command('t', REQUEST, async (request) => {
      seen = request;
      return { revision: 0, events: [] };
    }),
  );
  return seen;
}

test('where nobody collects spans, events keep the place in a trace that the caller named', async () =>
  expect(await asked(TRACE)).toEqual({ ...REQUEST, correlation: `00-${TRACE.traceId}-${TRACE.spanId}-01` }));

test('without one, they are no longer than before', async () => expect(await asked(undefined)).toEqual(REQUEST));
