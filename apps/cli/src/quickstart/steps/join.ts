import { parseAddress, parsePrefix, prefixContainsAddress } from '#net';
import type { Status } from '../../../../agent/src/local-api/status.js';
import { expect, since } from '../expect.js';
import { OPEN_POLICY } from '../policies.js';
import { type AgentName, ALICE, type Stage } from '../stage.js';
import type { Step } from '../step.js';

const TAILNET = parsePrefix('100.64.0.0/10');

const OWNERS: Readonly<Record<AgentName, object>> = {
  laptop: { user: ALICE },
  'dev-1': { tags: ['tag:dev'] },
  'prod-1': { tags: ['tag:prod'] },
};

export const joinStep: Step = {
  name: 'join',
  title: 'Three machines join the network',
  async run(stage, tell) {
    await stage.admin.call('PUT /policy', { body: OPEN_POLICY });
    await stage.admin.call('POST /users', { body: { login: ALICE, displayName: 'Alice' } });
    const nodes: Record<string, object> = {};
    for (const name of ['laptop', 'dev-1', 'prod-1'] as const) {
      const started = performance.now();
      const { Self } = await join(stage, name);
      const address = Self?.IPs[0] ?? '';
      expect(prefixContainsAddress(TAILNET, parseAddress(address)), `${name} got the address ${address}`);
      nodes[name] = { address, ms: since(started), pid: stage.agents[name].process.pid };
      const owner = Self?.User ?? Self?.Tags.join(', ');
      tell(`${name.padEnd(6)} of ${owner} joined as ${address} in ${since(started)} ms`);
    }
    return { nodes };
  },
};

async function join({ admin, agents, control }: Stage, name: AgentName): Promise<Status> {
  const body = { ...OWNERS[name], description: name };
  const { key } = await admin.call<{ key: string }>('POST /auth-keys', { body });
  return agents[name].client.call<Status>('POST /up', {
    serverUrl: control.httpUrl,
    authKey: key,
    hostname: name,
    userspace: true,
  });
}
