import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { freePort } from '#host/testing';
import { TestAgent } from '../testing/test-agent.js';
import { TestBrowser } from '../testing/test-browser.js';
import { TestControl } from '../testing/test-control.js';
import { TestIssuer } from '../testing/test-issuer.js';
import { createLogger } from './logging/create-logger.js';
import { TestCollector } from './testing/test-collector.js';

const LETTER = 'what two agents say to each other: 7Yt0qK';
const WRONG_TOKEN = 'nfa_no-tailnet_no-id_dGhpc0lzTm90QW5ZYm9keXNUb2tlbg';
const WRONG_KEY = 'nfk_no-id_dGhpc0lzTm90QW5ZYm9keXNLZXk';

/** All that left the server for whoever watches it. */
const said = { log: '', metrics: '', traces: '' };
/** By what each is. */
const secrets = new Map<string, string>();

async function signIn(base: string): Promise<void> {
  const browser = new TestBrowser();
  const first = await browser.get(`${base}/login`);
  const begun = await browser.get(base + (/href="(\/login\/corp[^"]*)"/.exec(first.text)?.[1] ?? ''));
  const page = await browser.submit(begun, { person: 'alice' });
  expect(page.text).toContain('signed in as <strong>alice@example.com</strong>');
  for (const [name, value] of browser.cookiesOf(base)) secrets.set(`the cookie ${name}`, value);
  const form = /name="form" value="([^"]+)"/.exec(page.text)?.[1];
  secrets.set('a token in a form', form ?? '');
  await browser.get(`${base}/login/corp/callback?code=a-code-that-nobody-gave&state=a-state-that-nobody-asked`);
  secrets.set('a code of an issuer', 'a-code-that-nobody-gave');
  secrets.set('a state of a sign-in', 'a-state-that-nobody-asked');
}

async function talk(control: TestControl, key: string): Promise<void> {
  const agents = ['alice', 'bob'].map((name) => new TestAgent(control.grpcAddress, name));
  const [alice, bob] = agents;
  for (const agent of agents) {
    await agent.register(key);
    agent.connect();
    await agent.until(({ frames }) => frames.length > 0);
    agent.takeLetters('198.51.100.7:41641');
  }
  await alice?.until(({ presence }) => presence.get(bob?.nodeId ?? '')?.takesLetters === true);
  alice?.write(bob?.nodeId ?? '', LETTER);
  await bob?.until(({ letters }) => letters.length > 0);
  secrets.set('a letter', LETTER);
  await expect(agents[0]?.register(WRONG_KEY)).rejects.toMatchObject({ code: expect.any(String) });
  secrets.set('a wrong auth key', WRONG_KEY.split('_')[2] ?? '');
  for (const agent of agents) await agent.close();
}

/** What programs do with tokens, right and wrong ones, in headers and where they do not belong. */
async function ask(control: TestControl, key: string): Promise<void> {
  secrets.set('the first token', control.token.split('_').at(-1) ?? '');
  secrets.set('an auth key', key.split('_').at(-1) ?? '');
  const { body } = await control.call('POST', 'api-tokens', { role: 'auditor' });
  const token = Object.values(body as Record<string, unknown>).find((one) => String(one).startsWith('nfa_'));
  expect(token).toBeDefined();
  secrets.set('an API token', String(token).split('_').at(-1) ?? '');
  await control.call('GET', 'nodes', undefined, { authorization: `Bearer ${WRONG_TOKEN}` });
  await control.call('GET', `nodes?token=${WRONG_TOKEN}`);
  await control.call('GET', `nodes/${WRONG_TOKEN}`);
  await control.call('POST', 'auth-keys', { key: WRONG_KEY, [WRONG_TOKEN]: 1 });
  await control.call('PUT', 'policy', `{"acls": "${WRONG_TOKEN}"`);
  secrets.set('a wrong token', WRONG_TOKEN.split('_').at(-1) ?? '');
  await fetch(control.ownerLink ?? '', { method: 'POST', redirect: 'manual' });
  await fetch(`${control.ownerLink}x`, { method: 'POST', redirect: 'manual' });
  secrets.set('the link for the owner', (control.ownerLink ?? '').split('/').at(-1) ?? '');
}

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netfold-secrets-'));
  const port = await freePort();
  const base = `http://127.0.0.1:${port}`;
  const issuer = await TestIssuer.start([`${base}/login/corp/callback`]);
  issuer.people.set('alice', { email: 'alice@example.com', name: 'Alice' });
  writeFileSync(join(folder, 'secret'), 'secret\n');
  const corp = { name: 'corp', title: 'Corp', issuer: issuer.url, clientId: 'netfold', clientSecretFile: 'secret' };
  writeFileSync(join(folder, 'oidc.json'), JSON.stringify({ issuers: [corp] }));
  secrets.set('what this server says to the issuer', Buffer.from('netfold:secret').toString('base64'));

  const collector = await TestCollector.start();
  const control = await TestControl.start({
    http: { host: '127.0.0.1', port },
    oidcFile: join(folder, 'oidc.json'),
    logger: createLogger('trace', {
      write: (line) => {
        said.log += line;
      },
    }),
    metrics: { host: '127.0.0.1', port: 0 },
    traces: { endpoint: collector.endpoint },
  });
  const server = readFileSync(join(control.stateDir, 'server-secret'));
  for (const form of ['hex', 'base64', 'latin1'] as const)
    secrets.set(`the server's, as ${form}`, server.toString(form));
  const key = await control.authKey();
  await signIn(base);
  await talk(control, key);
  await ask(control, key);
  said.metrics = await (await fetch(control.metricsUrl ?? '')).text();
  await control.stop();
  said.traces = collector.said;
  await collector.stop();
  await issuer.stop();
  rmSync(folder, { recursive: true });
});
afterAll(() => secrets.clear());

test('a request is to be found by its id in the log, and by its trace', () => {
  const lines = said.log.split('\n').flatMap((line) => (line ? [JSON.parse(line) as Record<string, unknown>] : []));
  const command = lines.find(({ command }) => command === 'IssueAuthKey');
  expect(command).toMatchObject({
    requestId: expect.any(String),
    traceId: expect.any(String),
    revision: expect.any(Number),
  });
  const answered = lines.find(({ msg, requestId }) => msg === 'answered' && requestId === command?.requestId);
  expect(answered).toMatchObject({ method: 'POST', route: '/api/v1/tailnets/:tailnet/auth-keys', status: 201 });
  expect(said.traces).toContain(command?.traceId);
});

test('sign-ins show by their outcome', () => {
  expect(said.metrics).toContain('netfold_sign_ins_total{outcome="admitted"} 2');
  expect(said.metrics).toMatch(/netfold_sign_ins_total\{outcome="(?:login|auth)\.[a-z_]+"\} 1/);
});

test.each(['log', 'metrics', 'traces'] as const)('%s: no secret, in no form', (where) => {
  expect(said[where].length).toBeGreaterThan(1_000);
  expect(secrets.size).toBeGreaterThan(12);
  const found = [...secrets].filter(([, secret]) => formsOf(secret).some((form) => said[where].includes(form)));
  expect(found.map(([what]) => what)).toEqual([]);
});

/** As it is, and as those who print bytes would have it. */
function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  expect(secret.length).toBeGreaterThan(8);
  return [secret, bytes.toString('hex'), bytes.toString('base64').replace(/=+$/, ''), [...bytes].join(',')];
}
