import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { approveRoute, ChangeDesk, codeOf, OPEN } from '../testing/change-desk.js';
import { ManualClock } from '../testing/manual-clock.js';

const HOUR = 3_600_000;
/** These write nothing into the ledger. */
const OTHERS = ['POST ~/policy/check', 'POST ~/projections/rebuild'];

const clock = new ManualClock();
let desk: ChangeDesk;
beforeAll(async () => {
  desk = await ChangeDesk.open(clock);
  await desk.tidy();
});
afterAll(() => desk.close());

/** The routes below a tailnet that the API describes, but for those that read. */
async function writes(): Promise<string[]> {
  const { paths } = (await (await fetch(`${desk.control.httpUrl}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const routes = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('/api/v1/tailnets/{tailnet}', '~')}`),
  );
  return routes.filter((route) => route.includes(' ~') && !route.startsWith('GET ') && !OTHERS.includes(route));
}

/** A request to each of them that would be carried out without a condition. */
async function requests(): Promise<Record<string, [path: string, body?: unknown]>> {
  const { changeId: open } = await desk.propose();
  const { changeId: done } = await desk.propose({ commands: [approveRoute('10.1.0.0/16')] });
  await desk.approve(done, desk.ned);
  await desk.nora.call('POST', `changes/${done}/apply`);
  const { body: key } = await desk.owner.call('POST', 'auth-keys', { user: 'ned@example.com' });
  const { body: token } = await desk.owner.call('POST', 'api-tokens', { role: 'auditor' });
  await desk.owner.call('POST', 'users', { login: 'sue@example.com' });
  await desk.owner.call('POST', 'users/sue@example.com/suspend');
  await desk.setRules([{ commands: ['ConfigureDns'], approvals: 1, role: 'admin' }], { 'netfold-emergency': 'a test' });
  const { body: waiting } = await desk.adam.call('GET', 'overrides');
  const [override] = (waiting as { overrides: { id: string }[] }).overrides;
  await desk.setRules([], { 'netfold-emergency': 'a test' });
  // What else has changed does not matter to an edit of the policy: so the policy is what changes last.
  await desk.owner.call('PUT', 'policy', OPEN.replace('*:*', '*:443'), { 'if-match': '*' });
  const { impact } = await desk.show(open);
  return {
    'DELETE ~/api-tokens/{token}': [`api-tokens/${(token as { tokenId: string }).tokenId}`],
    'DELETE ~/auth-keys/{key}': [`auth-keys/${(key as { keyId: string }).keyId}`],
    'DELETE ~/nodes/{node}': ['nodes/laptop'],
    'DELETE ~/users/{user}': ['users/ned@example.com'],
    'POST ~/api-tokens': ['api-tokens', { role: 'auditor' }],
    'POST ~/auth-keys': ['auth-keys', {}],
    'POST ~/changes': ['changes', { title: 't', commands: [approveRoute('10.0.0.0/8')] }],
    'POST ~/changes/{change}/apply': [`changes/${open}/apply`],
    'POST ~/changes/{change}/approve': [`changes/${open}/approve`, { impactDigest: impact?.digest }],
    'POST ~/changes/{change}/reject': [`changes/${open}/reject`, {}],
    'POST ~/changes/{change}/schedule': [`changes/${open}/schedule`, { at: clock.now() + HOUR }],
    'POST ~/changes/{change}/withdraw': [`changes/${open}/withdraw`],
    'POST ~/nodes/{node}/approve': ['nodes/laptop/approve'],
    'POST ~/nodes/{node}/expire': ['nodes/laptop/expire'],
    'POST ~/nodes/{node}/expiry': ['nodes/laptop/expiry', { keyExpiresAt: null }],
    'POST ~/nodes/{node}/rename': ['nodes/laptop/rename', { name: 'lap' }],
    'POST ~/nodes/{node}/routes/approve': ['nodes/router/routes/approve', { prefix: '10.0.0.0/8' }],
    'POST ~/nodes/{node}/routes/revoke': ['nodes/router/routes/revoke', { prefix: '10.1.0.0/16' }],
    'POST ~/nodes/{node}/tags': ['nodes/laptop/tags', { tags: [] }],
    'POST ~/overrides/{override}/acknowledge': [`overrides/${override?.id}/acknowledge`],
    'POST ~/reverts': ['reverts', { changeId: done }],
    'POST ~/users': ['users', { login: 'new@example.com' }],
    'POST ~/users/{user}/erase': ['users/sue@example.com/erase'],
    'POST ~/users/{user}/resume': ['users/sue@example.com/resume'],
    'POST ~/users/{user}/role': ['users/ned@example.com/role', { role: 'auditor' }],
    'POST ~/users/{user}/suspend': ['users/ned@example.com/suspend'],
    'PUT ~/dns': ['dns', { nameservers: ['192.0.2.53'] }],
    'PUT ~/policy': ['policy', OPEN.replace('*:*', '*:22')],
    'PUT ~/review-rules': ['review-rules', { rules: [{ commands: ['ConfigureDns'], approvals: 1, role: 'admin' }] }],
    'PUT ~/settings': ['settings', { deviceApproval: true }],
  };
}

test('every write is refused on condition of a revision that has passed, and has written nothing', async () => {
  const asked = await requests();
  expect(Object.keys(asked).sort()).toEqual((await writes()).sort());
  const { body } = await desk.adam.call('GET', 'revision');
  const { revision } = body as { revision: number };
  const stale = { 'if-match': `"${revision - 1}"` };
  const wrong: unknown[] = [];
  for (const [route, [path, content]] of Object.entries(asked)) {
    const answer = await desk.adam.call(route.split(' ')[0] ?? '', path, content, stale);
    const isRefused = answer.status === 412 && /^(tailnet|policy)\.stale_revision$/.test(String(codeOf(answer)));
    if (!isRefused) wrong.push([route, answer.status, answer.body]);
  }
  expect(wrong).toEqual([]);
  expect(await desk.events(revision)).toEqual([]);
});
