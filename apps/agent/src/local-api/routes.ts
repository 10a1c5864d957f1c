import type { z } from 'zod';
import { NetfoldError } from '#kernel';
import type { Agent } from '../daemon/agent.js';
import { wgconf } from '../daemon/wgconf.js';
import { netcheck } from '../netcheck/netcheck.js';
import { pingSeries } from '../node/ping-series.js';
import { rotatePresharedKey } from '../node/rotate-preshared-key.js';
import type { LocalRoutes } from './local-server.js';
import {
  AcceptLedgerRequest,
  PingRequest,
  RotatePresharedKeyRequest,
  type SetAnswer,
  SetRequest,
  UpRequest,
} from './messages.js';
import { netmapDocument } from './netmap-document.js';

/** What the local API offers, by method and path. */
export const localRoutes = (agent: Agent): LocalRoutes => ({
  'GET /status': () => agent.examined(),
  'POST /up': ({ body }) => agent.up(read(UpRequest, body)),
  'POST /login': () => agent.login(),
  'POST /set': async ({ body }) => {
    await agent.set(read(SetRequest, body));
    return { Health: await agent.advice() } satisfies SetAnswer;
  },
  'POST /down': async () => {
    await agent.down();
    return {};
  },
  'POST /logout': async () => {
    await agent.logout();
    return {};
  },
  'POST /ping': async ({ body, gone }) => pingSeries(agent.node, read(PingRequest, body), gone),
  'POST /rotate-preshared-key': async ({ body }) =>
    rotatePresharedKey(agent.node, read(RotatePresharedKeyRequest, body).peer),
  'POST /rotate-key': () => agent.rotateKey(),
  'GET /ledger': async () => agent.state.ledger.record,
  'POST /ledger/accept': async ({ body }) => {
    await agent.acceptLedger(read(AcceptLedgerRequest, body).key);
    return agent.state.ledger.record;
  },
  'GET /netmap': async () => netmapDocument(agent.node.follower.held),
  'GET /netcheck': ({ query }) => netcheck(agent, query.get('server') ?? undefined),
  'GET /wgconf': async ({ query }) => wgconf(agent.node, query.get('keys') === '1'),
});

function read<T>(schema: z.ZodType<T>, body: unknown): T {
  const { success, data, error } = schema.safeParse(body ?? {});
  if (success) return data;
  const [issue] = error.issues;
  throw new NetfoldError({
    code: 'agent.bad_request',
    message: `the request is not understood: ${issue?.message ?? ''}`,
    where: issue?.path.join('.') ?? '',
  });
}
