import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { freePort } from '#host/testing';
import { ManualClock } from '../testing/manual-clock.js';
import { TestBrowser, type TestPage } from '../testing/test-browser.js';
import { TestControl } from '../testing/test-control.js';
import { TestIssuer } from '../testing/test-issuer.js';

const HOUR = 3_600_000;

let control: TestControl;
let issuer: TestIssuer;
let folder: string;
let base: string;
let clock: ManualClock;
let browser: TestBrowser;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netfold-oidc-'));
  clock = new ManualClock(Date.now());
  browser = new TestBrowser();
});
afterEach(async () => {
  await control?.stop();
  await issuer?.stop();
  rmSync(folder, { recursive: true });
});

async function start(rules: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const port = await freePort();
  base = `http://127.0.0.1:${port}`;
  issuer = await TestIssuer.start([`${base}/login/corp/callback`]);
  writeFileSync(join(folder, 'secret'), 'secret\n');
  const corp = {
    name: 'corp',
    title: 'Corp',
    issuer: issuer.url,
    clientId: 'netfold',
    clientSecretFile: 'secret',
    ...rules,
  };
  const oidcFile = join(folder, 'oidc.json');
  writeFileSync(oidcFile, JSON.stringify({ issuers: [corp] }));
  control = await TestControl.start({ http: { host: '127.0.0.1', port }, oidcFile, clock });
  issuer.people.set('alice', { email: 'alice@example.com', name: 'Alice', groups: ['/Eng', 'ops'] });
  issuer.people.set('bob', { email: 'Bob@Example.com' });
}

async function signIn(person: string, from = '/login'): Promise<TestPage> {
  const first = await browser.get(base + from);
  const link = /href="(\/login\/corp[^"]*)"/.exec(first.text)?.[1];
  const form = link === undefined ? first : await browser.get(base + link);
  return browser.submit(form, { person });
}

const users = async () =>
  ((await control.call('GET', 'users')).body as { users: { login: string; role: string; displayName: string }[] })
    .users;

describe('signing in with an issuer', () => {
  test('makes users: the first is the owner, others are members; a page says who one is, and signs out', async () => {
    await start();
    const page = await signIn('alice');
    expect(page.text).toContain('signed in as <strong>alice@example.com</strong>');
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    browser = new TestBrowser();
    await signIn('bob');
    expect(await users()).toMatchObject([
      {},
      { login: 'alice@example.com', role: 'owner', displayName: 'Alice' },
      { login: 'bob@example.com', role: 'member' },
    ]);
    const out = await browser.submit(await browser.get(base)); // the address of the server alone leads there
    expect(out.text).toContain('Sign in with Corp');
    expect(browser.cookiesOf(base).has('netfold-session')).toBe(false);
  });

  test('names people who were added by login alone, and follows the issuer', async () => {
    await start();
    await control.call('POST', 'users', { login: 'alice@example.com', role: 'auditor' });
    expect(await users()).toMatchObject([{}, { login: 'alice@example.com', displayName: '' }]);
    for (const name of ['Alice', 'Alice B.', undefined, 'bad\u0007name']) {
      issuer.people.set('alice', { email: 'alice@example.com', ...(name !== undefined && { name }) });
      browser = new TestBrowser();
      expect((await signIn('alice')).status).toBe(200);
    }
    expect(await users()).toMatchObject([{}, { login: 'alice@example.com', role: 'auditor', displayName: 'Alice B.' }]);
    const named = (await control.call('GET', 'events?type=UserNamed')).body as { events: { summary: string }[] };
    expect(named.events.map(({ summary }) => summary)).toEqual([
      'alice@example.com is called Alice',
      'alice@example.com is called Alice B.',
    ]);
  });

  test('brings groups up to date, which policies name', async () => {
    await start({ groupsClaim: 'groups', scopes: ['openid', 'email', 'groups'] });
    await signIn('alice');
    issuer.people.set('bob', { email: 'bob@example.com', groups: ['ops'] });
    browser = new TestBrowser();
    await signIn('bob');
    issuer.people.set('alice', { email: 'alice@example.com', groups: 'eng' }); // some write one so
    browser = new TestBrowser();
    await signIn('alice');
    const events = (await control.call('GET', 'events?type=GroupSynced')).body as { events: { data: unknown }[] };
    expect(events.events.map(({ data }) => data)).toEqual([
      { group: 'group:eng', members: ['alice@example.com'] },
      { group: 'group:ops', members: ['alice@example.com'] },
      { group: 'group:ops', members: ['alice@example.com', 'bob@example.com'] },
      { group: 'group:ops', members: ['bob@example.com'] },
    ]);
  });

  test.each([
    ['another domain', { allowedDomains: ['corp.example'] }, {}, 'oidc.domain_not_allowed'],
    ['no second factor', { requireAmr: ['mfa'] }, { amr: ['pwd'] }, 'oidc.mfa_needed'],
    ['an address that is not verified', {}, { email_verified: false }, 'oidc.email_not_verified'],
    ['no address', { loginClaim: 'upn' }, {}, 'oidc.no_login'],
  ])('is refused with %s', async (_, rules, person, code) => {
    await start(rules);
    issuer.people.set('alice', { email: 'alice@example.com', ...person });
    const page = await signIn('alice');
    expect([page.status, page.text]).toEqual([403, expect.stringContaining(code)]);
    expect(await users()).toHaveLength(1);
  });

  test('goes with a second factor where one is asked for', async () => {
    await start({ requireAmr: ['mfa'] });
    issuer.people.set('alice', { email: 'alice@example.com', amr: ['pwd', 'mfa'] });
    expect((await signIn('alice')).status).toBe(200);
  });

  test('an answer counts once, in the browser that asked, for the question that was asked', async () => {
    await start();
    const form = await browser.get(`${base}/login/corp`);
    const thief = new TestBrowser();
    await signIn('alice');
    expect(form.text).toContain('Who are you?');
    const callback = `${base}/login/corp/callback?code=stolen&state=`;
    expect((await thief.get(`${callback}unknown`)).text).toContain('oidc.unknown_attempt');
    expect((await browser.get(`${base}/login/other`)).status).toBe(404);
    // The address of an answer, taken to another browser.
    const victim = new TestBrowser();
    const begun = await fetch(`${base}/login/corp`, { redirect: 'manual' });
    const state = new URL(begun.headers.get('location') ?? '').searchParams.get('state');
    const cookie = begun.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    expect((await victim.get(`${callback}${state}`)).text).toContain('oidc.other_browser');
    const answered = async () => (await fetch(`${callback}${state}`, { headers: { cookie } })).text();
    expect(await answered()).toContain('oidc.refused');
    expect(await answered()).toContain('oidc.unknown_attempt');
    // What the browser holds is of no use to anybody else, nor when it was changed.
    const forged = { cookie: `${cookie.slice(0, -2)}xx` };
    expect(await (await fetch(`${callback}${state}`, { headers: forged })).text()).toContain('oidc.other_browser');
    clock.advance(11 * 60_000);
    expect(await answered()).toContain('oidc.unknown_attempt');
  });

  test('a code that is wrong, or an issuer that says no, is told', async () => {
    await start();
    const response = await fetch(`${base}/login/corp`, { redirect: 'manual' });
    const state = new URL(response.headers.get('location') ?? '').searchParams.get('state');
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const answer = await fetch(`${base}/login/corp/callback?code=wrong&state=${state}`, { headers: { cookie } });
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('oidc.refused')]);
  });

  test('an issuer that is down, and one that has new keys', async () => {
    await start();
    issuer.rotateKeys();
    expect((await signIn('alice')).status).toBe(200);
    issuer.rotateKeys();
    browser = new TestBrowser();
    clock.advance(2 * HOUR);
    expect((await signIn('alice')).status).toBe(200);
    clock.advance(2 * HOUR);
    await issuer.stop();
    const page = await new TestBrowser().get(`${base}/login/corp`);
    expect([page.status, page.text]).toEqual([503, expect.stringContaining('oidc.unreachable')]);
    issuer = await TestIssuer.start([]);
  });

  test('a link to somewhere else is not followed after signing in', async () => {
    await start();
    for (const next of ['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
      const page = await browser.get(`${base}/login?next=${encodeURIComponent(next)}`);
      expect(page.text).not.toContain('evil');
      browser = new TestBrowser();
    }
  });
});

describe('sessions', () => {
  test('end with time, with suspension, and are held by something new from time to time', async () => {
    await start();
    await signIn('alice');
    browser = new TestBrowser();
    await signIn('bob');
    const cookie = () => browser.cookiesOf(base).get('netfold-session');
    const [before] = [cookie()];
    clock.advance(HOUR / 2);
    expect((await browser.get(`${base}/login`)).text).toContain('bob@example.com');
    expect(cookie()).not.toBe(before);
    clock.advance(HOUR);
    const stale = await fetch(`${base}/login`, { headers: { cookie: `netfold-session=${before}` } });
    expect(await stale.text()).not.toContain('bob@example.com');
    await control.call('POST', 'users/bob@example.com/suspend');
    expect((await browser.get(`${base}/login`)).text).toContain('Sign in with Corp');
    browser = new TestBrowser();
    expect((await signIn('bob')).text).toContain('user.suspended');
    browser = new TestBrowser();
    await signIn('alice');
    clock.advance(13 * HOUR);
    expect((await browser.get(`${base}/login`)).text).toContain('Sign in with Corp');
  });

  test('a form of another site is not taken', async () => {
    await start();
    await signIn('alice');
    const cookie = `netfold-session=${browser.cookiesOf(base).get('netfold-session')}`;
    const response = await fetch(`${base}/logout`, {
      method: 'POST',
      headers: { cookie },
      body: new URLSearchParams(),
    });
    expect(await response.text()).toContain('web.foreign_form');
    expect((await browser.get(`${base}/login`)).text).toContain('alice@example.com');
  });
});

describe('the owner’s link', () => {
  test('signs in once, by the button and not by being looked at, also after a restart', async () => {
    await start();
    const link = control.ownerLink ?? '';
    expect(link.startsWith(base)).toBe(true);
    const page = await browser.get(link);
    await browser.get(link);
    expect((await browser.submit(page)).text).toContain('signed in as <strong>admin@netfold.internal');
    expect((await new TestBrowser().get(link)).text).toContain('login.bad_link');
    expect((await new TestBrowser().get(`${link}x`)).text).toContain('login.bad_link');
    clock.advance(25 * HOUR);
    expect((await new TestBrowser().get(link)).status).toBe(400);
  });
});

describe('a command line without a browser (RFC 8628)', () => {
  const post = async (path: string, fields: Record<string, string>) => {
    const response = await fetch(`${base}/oauth/${path}`, { method: 'POST', body: new URLSearchParams(fields) });
    return { status: response.status, body: (await response.json()) as Record<string, string> };
  };
  const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

  test('gets a token that may do what the person may, once', async () => {
    await start();
    const { body: begun } = await post('device_authorization', { client_id: 'alice on <b>laptop</b>' });
    const page = await signIn('alice', new URL(begun.verification_uri_complete ?? '').pathname);
    expect(page.text).toContain('alice on &lt;b&gt;laptop&lt;/b&gt;');
    const asked = post('token', { grant_type: GRANT, device_code: begun.device_code ?? '' });
    await browser.submit(page, { verdict: 'yes' });
    const { status, body } = await asked;
    expect([status, body.token_type]).toEqual([200, 'Bearer']);
    const mine = await control.call('GET', 'events', undefined, { authorization: `Bearer ${body.access_token}` });
    expect(mine.status).toBe(200);
    const again = await post('token', { grant_type: GRANT, device_code: begun.device_code ?? '' });
    expect(again).toMatchObject({ status: 400, body: { error: 'expired_token' } });
  });

  test('is told when the person says no, or when it asks for something else', async () => {
    await start();
    const { body: begun } = await post('device_authorization', {});
    const page = await signIn('alice', new URL(begun.verification_uri_complete ?? '').pathname);
    await browser.submit(page, { verdict: 'no' });
    const denied = await post('token', { grant_type: GRANT, device_code: begun.device_code ?? '' });
    expect(denied.body.error).toBe('access_denied');
    expect((await post('token', { grant_type: 'password' })).body.error).toBe('unsupported_grant_type');
    expect((await browser.get(`${base}/device/BCDF-GHJK-LMNP`)).text).toContain('login.unknown_code');
  });
});
