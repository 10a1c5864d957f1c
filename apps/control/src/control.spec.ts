import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { digestOf } from '#netmap';
import { agentService, decodeProblem, encodeItem, PROBLEM_TRAILER } from '#wire';
import { ManualClock } from './testing/manual-clock.js';
import { TestAgent } from './testing/test-agent.js';
import { TestControl } from './testing/test-control.js';

const OPEN = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';
const CLOSED = '{"acls": []}';

/** Real agents over real gRPC, against a whole control plane in this process. */
describe('a control plane and its agents', () => {
  const clock = new ManualClock();
  let control: TestControl;
  let agents: TestAgent[] = [];

  beforeAll(async () => {
    control = await TestControl.start({ clock, ephemeralTimeout: 60_000 });
  });

  afterEach(async () => {
    for (const agent of agents) await agent.close();
    agents = [];
    const { body } = await control.call('GET', 'nodes');
    for (const { id } of (body as { nodes: { id: string }[] }).nodes) await control.call('DELETE', `nodes/${id}`);
    await control.call('PUT', 'policy', OPEN);
  });

  afterAll(() => control.stop());

  function agent(hostname: string): TestAgent {
    const one = new TestAgent(control.grpcAddress, hostname);
    agents.push(one);
    return one;
  }

  async function joined(hostname: string, more: Record<string, unknown> = {}): Promise<TestAgent> {
    const one = agent(hostname);
    await one.register(await control.authKey(more));
    one.connect();
    await one.until(({ frames }) => frames.length > 0);
    return one;
  }

  async function serverDigest({ nodeId }: TestAgent): Promise<unknown> {
    const { body } = await control.call('GET', `nodes/${nodeId}/netmap`);
    return (body as { digest: string }).digest;
  }

  const digest = ({ netmap }: TestAgent): string => Buffer.from(digestOf(netmap, encodeItem)).toString('hex');

  test('agents join, see each other, and hold what the server says they hold', async () => {
    const laptop = await joined('laptop');
    const desktop = await joined('desktop');
    await laptop.until(({ peers }) => peers.includes('desktop'));
    expect(desktop.peers).toEqual(['laptop']);
    expect(laptop.registration).toMatchObject({ name: 'laptop', tailnet: 'home', status: 'active' });
    expect(laptop.registration?.addresses[0]).toMatch(/^100\./);
    expect(digest(laptop)).toBe(await serverDigest(laptop));
    expect(digest(desktop)).toBe(await serverDigest(desktop));
  });

  test('a policy that cuts a connection takes the peers away, and says when that was in force everywhere', async () => {
    const [a, b] = [await joined('a'), await joined('b')];
    await a.until(({ peers }) => peers.includes('b'));
    const { body } = await control.call('PUT', 'policy', CLOSED);
    const { revision } = body as { revision: number };
    await Promise.all([a, b].map((one) => one.until(({ peers }) => peers.length === 0)));
    expect(a.frames.at(-1)).toMatchObject({ revision, snapshot: false, cause: { type: 'AclPublished' } });
    expect(a.frames.at(-1)?.removed).toContain(`peer/${b.nodeId}`);
    const report = async () => (await control.call('GET', `trace/${revision}`)).body as Record<string, unknown>;
    while ((await report()).inForceAt === undefined);
    expect(await report()).toMatchObject({ event: { revision, type: 'AclPublished' }, behind: 0, applied: 2 });
  });

  test('a key that is rotated reaches the peers as one item, and a host name the node itself', async () => {
    const [a, b] = [await joined('a'), await joined('b')];
    await b.until(({ peers }) => peers.includes('a'));
    const nodeKey = new Uint8Array(32).fill(7);
    const revision = await a.command({ kind: 'rotate-key', nodeKey });
    await b.until(({ frames }) => frames.at(-1)?.revision === revision);
    expect(b.frames.at(-1)?.items).toMatchObject([
      { kind: 'peer', id: a.nodeId, nodeKey: Buffer.from(nodeKey).toString('base64') },
    ]);
    await a.command({ kind: 'set-hostname', hostname: 'renamed' });
    await b.until(({ peers }) => peers.includes('renamed'));
  });

  test('a route is advertised, approved by an admin, and then told to the others', async () => {
    const [router, laptop] = [await joined('router'), await joined('laptop')];
    await router.command({ kind: 'advertise-routes', prefixes: ['192.168.1.0/24'] });
    const answer = await control.call('POST', 'nodes/router/routes/approve', { prefix: '192.168.1.0/24' });
    expect(answer).toMatchObject({ status: 200, body: { events: [{ type: 'RouteApproved' }] } });
    await laptop.until(({ netmap }) => netmap.has('route/192.168.1.0/24'));
  });

  test('presence reaches the peers that may see it: endpoints, online, and gone', async () => {
    const [a, b] = [await joined('a'), await joined('b')];
    a.reportEndpoints('192.0.2.7:41641');
    await b.until(({ presence }) => presence.get(a.nodeId)?.endpoints.length === 1);
    expect(b.presence.get(a.nodeId)).toMatchObject({ online: true, endpoints: ['192.0.2.7:41641'] });
    await a.disconnect();
    await b.until(({ presence }) => presence.get(a.nodeId)?.online === false);
    // One that comes later hears of those who are there.
    const c = await joined('c');
    await c.until(({ presence }) => presence.get(b.nodeId)?.online === true);
  });

  test('a removed node gets its empty netmap and a goodbye, and is not let in again', async () => {
    const [a, b] = [await joined('a'), await joined('b')];
    await a.until(({ peers }) => peers.includes('b'));
    await control.call('DELETE', 'nodes/a');
    await a.until(({ goodbye }) => goodbye !== undefined);
    expect(a.goodbye?.reason).toBe('removed');
    expect(a.netmap.size).toBe(0);
    await b.until(({ peers }) => peers.length === 0);
    a.connect();
    await a.until(({ failure }) => failure !== undefined);
    expect(a.failure?.code).toBe('node.unknown');
  });

  test('an expired node keeps its stream and sees nobody', async () => {
    const [a, b] = [await joined('a'), await joined('b')];
    await a.until(({ peers }) => peers.includes('b'));
    await a.command({ kind: 'logout' });
    await a.until(({ peers }) => peers.length === 0);
    expect(a.netmap.get(`self/${a.nodeId}`)).toMatchObject({ expired: true });
    await b.until(({ peers }) => peers.length === 0);
  });

  test("a suspended user's nodes lose their peers, and have them back when the user is resumed", async () => {
    await control.call('POST', 'users', { login: 'carol@example.com' });
    const [mine, other] = [await joined('mine', { user: 'carol@example.com' }), await joined('other')];
    await other.until(({ peers }) => peers.includes('mine'));
    await control.call('POST', 'users/carol@example.com/suspend');
    await Promise.all([mine, other].map((one) => one.until(({ peers }) => peers.length === 0)));
    await expect(mine.command({ kind: 'logout' })).rejects.toMatchObject({ code: 'auth.suspended' });
    await control.call('POST', 'users/carol@example.com/resume');
    await Promise.all([mine, other].map((one) => one.until(({ peers }) => peers.length === 1)));
  });

  test('a second stream of a node replaces the first', async () => {
    const a = await joined('a');
    const twin = agent('a');
    Object.assign(twin, { registration: a.registration, sign: a.sign });
    twin.connect();
    await a.until(({ goodbye }) => goodbye !== undefined);
    expect(a.goodbye?.reason).toBe('replaced');
  });

  test('an agent that comes back gets what changed, also from a server that was restarted', async () => {
    const [a, b] = [await joined('a'), await joined('b')];
    await a.until(({ peers }) => peers.includes('b'));
    await a.disconnect();
    await joined('c');
    const seen = a.frames.length;
    a.connect();
    await a.until(({ peers }) => peers.includes('c'));
    expect(a.frames.slice(seen).map(({ snapshot }) => snapshot)).not.toContain(true);

    await Promise.all([a, b].map((one) => one.until(({ peers }) => peers.length === 2)));
    const restarted = control.restart();
    await a.until(({ goodbye }) => goodbye?.reason === 'draining');
    expect(await restarted).not.toHaveProperty('adminToken');
    const [before, told] = [a.frames.length, digest(a)];
    a.connect();
    await a.until(({ frames }) => frames.length > before);
    expect(a.frames.at(-1)).toMatchObject({ snapshot: false, items: [], removed: [] });
    expect(digest(a)).toBe(told);
    expect(digest(a)).toBe(await serverDigest(a));
  });

  test('an agent with another netmap than it says gets a snapshot, and that counts as an alarm', async () => {
    const a = await joined('a');
    await a.disconnect();
    if (a.resume) a.resume = { ...a.resume, digest: new Uint8Array(32) };
    const seen = a.frames.length;
    a.connect();
    await a.until(({ frames }) => frames.length > seen);
    expect(a.frames.at(-1)?.snapshot).toBe(true);
    const { body } = await control.call('GET', 'streams');
    expect((body as { counters: { resumesRefused: number } }).counters.resumesRefused).toBe(1);
  });

  test('an ephemeral node is removed when it has been away for long enough, and a key expires when it is due', async () => {
    const watcher = await joined('watcher');
    const passing = await joined('passing', { ephemeral: true });
    await watcher.until(({ peers }) => peers.includes('passing'));
    await passing.disconnect();
    await watcher.until(({ presence }) => presence.get(passing.nodeId)?.online === false);
    clock.advance(61_000);
    await watcher.until(({ peers }) => peers.length === 0);
    await control.call('POST', 'nodes/watcher/expiry', { keyExpiresAt: clock.now() + 1_000 });
    clock.advance(2_000);
    await watcher.until(({ netmap }) => {
      const self = netmap.get(`self/${watcher.nodeId}`);
      return self?.kind === 'self' && self.expired;
    });
  });

  describe('is not fooled', () => {
    test('a machine that signs with another key than it names', async () => {
      const [a, stranger] = [agent('a'), agent('stranger')];
      const key = await control.authKey();
      await expect(a.register(key, { machineKey: stranger.machineKey })).rejects.toMatchObject({
        code: 'auth.bad_signature',
      });
      await a.register(key);
      Object.assign(stranger, { registration: a.registration });
      await expect(stranger.command({ kind: 'logout' })).rejects.toMatchObject({ code: 'auth.bad_signature' });
      stranger.connect();
      await stranger.until(({ failure }) => failure !== undefined);
      expect(stranger.failure?.code).toBe('auth.bad_signature');
    });

    test('a nonce that was used, or has expired', async () => {
      const a = agent('a');
      const key = await control.authKey();
      const nonce = await a.client.challenge();
      a.client.challenge = async () => nonce;
      await a.register(key);
      await expect(a.register(key)).rejects.toMatchObject({ code: 'auth.bad_nonce' });
      const b = agent('b');
      const old = await b.client.challenge();
      b.client.challenge = async () => old;
      clock.advance(121_000);
      await expect(b.register(key)).rejects.toMatchObject({ code: 'auth.bad_nonce' });
    });

    test('an auth key that is used up, expired, revoked, altered, or none at all', async () => {
      const oneOff = await control.authKey({ reusable: false });
      await agent('first').register(oneOff);
      await expect(agent('second').register(oneOff)).rejects.toMatchObject({ code: 'auth_key.used' });
      const short = await control.authKey({ expiresIn: 1_000 });
      clock.advance(2_000);
      await expect(agent('late').register(short)).rejects.toMatchObject({ code: 'auth_key.expired' });
      const revoked = await control.authKey();
      await control.call('DELETE', `auth-keys/${revoked.split('_')[1]}`);
      await expect(agent('r').register(revoked)).rejects.toMatchObject({ code: 'auth_key.revoked' });
      const altered = `${(await control.authKey()).slice(0, -1)}~`;
      await expect(agent('x').register(altered)).rejects.toMatchObject({ code: 'auth_key.unknown' });
      await expect(agent('y').register('nonsense')).rejects.toMatchObject({ code: 'auth.bad_key' });
    });

    test('the same command of a node again has the first outcome', async () => {
      const a = await joined('a');
      const first = await a.command({ kind: 'set-hostname', hostname: 'one' }, 'same');
      expect(await a.command({ kind: 'set-hostname', hostname: 'two' }, 'same')).toBe(first);
    });
  });

  test('bytes that are no message fail the call with a code, and nothing else', async () => {
    const client = new Client(control.grpcAddress, credentials.createInsecure());
    const noise = Uint8Array.from({ length: 50 }, (_, i) => 255 - i);
    const { path, requestSerialize, responseDeserialize } = agentService.register;
    const error = await new Promise<ServiceError | null>((resolve) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, noise, resolve);
    });
    expect(problemIn(error)?.code).toBe('wire.malformed');
    const stream = agentService.stream;
    const call = client.makeBidiStreamRequest(stream.path, stream.requestSerialize, stream.responseDeserialize);
    const failed = new Promise<ServiceError>((resolve) => call.on('error', resolve));
    call.on('data', () => call.write(noise));
    expect(problemIn(await failed)?.code).toBe('wire.malformed');
    client.close();
    await joined('still-alive');
  });
});

function problemIn(error: ServiceError | null) {
  const [trailer] = error?.metadata.get(PROBLEM_TRAILER) ?? [];
  return Buffer.isBuffer(trailer) ? decodeProblem(trailer) : undefined;
}
