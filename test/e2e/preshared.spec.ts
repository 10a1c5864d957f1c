import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { AgentStream } from '../../apps/control/src/stream/agent-stream.js';
import { until } from './mesh-in-process.js';
import { PresharedPair } from './preshared-pair.js';

const OPEN = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';
const CLOSED = '{"acls": []}';

describe('pre-shared keys', () => {
  let pair: PresharedPair;
  beforeAll(async () => {
    pair = await PresharedPair.start();
  });
  afterAll(() => pair.mesh.close());

  it('are none before anybody talks, and in use a moment later: no packet waits for them', async () => {
    const { a } = pair;
    expect(await pair.stateOf(a)).toEqual({ State: 'none' });
    expect(await a.ping('b', { count: 100, interval: 5 })).toEqual(Array(100).fill(true));
    const key = await pair.isProtected();
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    expect((await pair.stateOf(a)).Since).toMatch(/^20\d\d-/);
  });

  it('are nowhere but in the state directory', async () => {
    const { a } = pair;
    const key = await pair.isProtected();
    expect(JSON.stringify([await a.status(), await a.client.call('GET /netmap')])).not.toContain(key);
    const conf = await a.client.text('GET /wgconf');
    expect(conf).toContain('PresharedKey = (hidden)');
    expect(conf).not.toContain(key);
    expect(await readFile(join(a.folder, 'state', 'preshared-keys.json'), 'utf8')).toContain(key);
  });

  it('are replaced with the key of either node', async () => {
    const { a, b } = pair;
    const before = await pair.isProtected();
    await b.client.call('POST /rotate-key', {});
    await until(async () => (await pair.keyOf(a)) !== before);
    await pair.isProtected();
  });

  it('that the control plane meddles with are not agreed on; it is found out, and packets flow', async () => {
    const { a, b } = pair;
    const carry = AgentStream.prototype.deliver;
    const meddling = jest.spyOn(AgentStream.prototype, 'deliver').mockImplementation(function (
      this: AgentStream,
      { nodeId, content },
    ) {
      const forged = Uint8Array.from(content);
      forged[200] = (forged[200] ?? 0) ^ 1;
      carry.call(this, { nodeId, content: forged });
    });
    await pair.mesh.admin.call('PUT /policy', { body: CLOSED });
    await until(async () => Object.keys((await a.status()).Peer).length === 0);
    await pair.mesh.admin.call('PUT /policy', { body: OPEN });
    await until(async () => Object.keys((await a.status()).Peer).length === 1);
    await until(async () => (await a.ping('b', { timeout: 200 })).includes(true));
    const problems = async () => [await a.status(), await b.status()].flatMap(({ Health }) => Health).join();
    await until(async () => (await problems()).includes('was altered on the way'));
    expect((await pair.stateOf(a)).State).toBe('agreeing');
    expect(await a.ping('b', { count: 3, interval: 5 })).toEqual([true, true, true]);
    meddling.mockRestore();
    await pair.isProtected();
    expect(await problems()).toBe('');
  });
});
