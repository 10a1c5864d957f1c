import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { toHex } from '#kernel';
import { RoundRobin } from '../testing/round-robin.js';
import { TestAgent } from '../testing/test-agent.js';
import { TestBrowser, type TestPage } from '../testing/test-browser.js';
import { TestCluster } from '../testing/test-cluster.js';
import type { TestControl } from '../testing/test-control.js';
import { TestIssuer } from '../testing/test-issuer.js';

// Every request of a browser goes to another replica than the one before.

describe('three replicas behind one address', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netfold-anywhere-'));
  let balancer: RoundRobin;
  let issuer: TestIssuer;
  let cluster: TestCluster;
  let replicas: readonly TestControl[];
  let browser: TestBrowser;

  beforeAll(async () => {
    balancer = await RoundRobin.start();
    issuer = await TestIssuer.start([`${balancer.url}/login/corp/callback`]);
    writeFileSync(join(folder, 'secret'), 'secret\n', { mode: 0o600 });
    const corp = { name: 'corp', issuer: issuer.url, clientId: 'netfold', clientSecretFile: 'secret' };
    const oidcFile = join(folder, 'oidc.json');
    writeFileSync(oidcFile, JSON.stringify({ issuers: [corp] }));
    issuer.people.set('alice', { email: 'alice@example.com', name: 'Alice' });
    issuer.people.set('bob', { email: 'bob@example.com', name: 'Bob' });
    cluster = await TestCluster.start(3, { url: balancer.url, oidcFile });
    replicas = cluster.replicas.map(({ control }) => control);
    balancer.targets.push(...replicas.map(({ httpUrl }) => httpUrl));
  });
  beforeEach(() => {
    browser = new TestBrowser();
  });
  afterAll(async () => {
    await cluster.stop();
    await issuer.stop();
    await balancer.stop();
    rmSync(folder, { recursive: true });
  });

  const replica = (i: number): TestControl => {
    const one = replicas[i];
    if (one) return one;
    throw new Error('there is no such replica');
  };

  async function signIn(person: string, from = '/login'): Promise<TestPage> {
    const first = await browser.get(balancer.url + from);
    const link = /href="(\/login\/corp[^"]*)"/.exec(first.text)?.[1];
    const form = link === undefined ? first : await browser.get(balancer.url + link);
    return browser.submit(form, { person });
  }

  test('somebody signs in, is known to all of them, and is known to none when they have signed out', async () => {
    expect((await signIn('alice')).text).toContain('signed in as <strong>alice@example.com');
    for (let i = 0; i < 3; i++)
      expect((await browser.get(`${balancer.url}/login`)).text).toContain('alice@example.com');
    await browser.submit(await browser.get(`${balancer.url}/login`));
    for (let i = 0; i < 3; i++) expect((await browser.get(`${balancer.url}/login`)).text).not.toContain('alice');
  });

  test('the owner’s link is good once, wherever it is brought', async () => {
    const link = replica(0).ownerLink ?? '';
    const page = await browser.get(link);
    const other = new TestBrowser();
    const pages = [browser.submit(page), other.get(link).then((same) => other.submit(same))];
    const texts = (await Promise.all(pages)).map(({ text }) => text);
    expect(texts.filter((text) => text.includes('signed in as'))).toHaveLength(1);
    expect((await new TestBrowser().get(link)).text).toContain('login.bad_link');
  });

  test('a machine that waits at one joins when its person has said yes at another', async () => {
    const agent = new TestAgent(replica(0).grpcAddress, 'laptop');
    const claim = {
      machineKey: agent.machineKey,
      nodeKey: agent.nodeKey,
      hostname: 'laptop',
      os: 'linux',
      commandId: toHex(new Uint8Array(randomBytes(8))),
      tags: [],
      ephemeral: false,
    };
    const { url, ticket } = await agent.client.beginLogin(claim, agent.sign);
    const waiting = agent.client.register({ ...claim, loginTicket: ticket }, agent.sign);
    // A person comes who is new: only the replica that let them in knows of them yet.
    const page = await signIn('bob', new URL(url).pathname);
    expect(page.text).toContain('laptop');
    await browser.submit(page, { verdict: 'yes' });
    expect(await waiting).toMatchObject({ name: 'laptop', status: 'active' });
    await agent.close();
  });

  test('a command line that asks anywhere gets its token once', async () => {
    const post = async (i: number, path: string, fields: Record<string, string>) => {
      const body = new URLSearchParams(fields);
      const response = await fetch(`${replica(i).httpUrl}/oauth/${path}`, { method: 'POST', body });
      return (await response.json()) as Record<string, string>;
    };
    const begun = await post(0, 'device_authorization', { client_id: 'alice on laptop' });
    const page = await signIn('alice', new URL(begun.verification_uri_complete ?? '').pathname);
    await browser.submit(page, { verdict: 'yes' });
    const grant = {
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: begun.device_code ?? '',
    };
    const answers = await Promise.all([0, 1, 2].map((i) => post(i, 'token', grant)));
    expect(answers.map(({ token_type: type, error }) => type ?? error).sort()).toEqual([
      'Bearer',
      'expired_token',
      'expired_token',
    ]);
  });

  test('who is suspended at one is signed out at all', async () => {
    await signIn('bob');
    const { body } = await replica(1).call('POST', 'users/bob@example.com/suspend');
    const { revision } = body as { readonly revision: number };
    for (const one of replicas) await one.call('GET', `users?minRevision=${revision}`);
    for (let i = 0; i < 3; i++) expect((await browser.get(`${balancer.url}/login`)).text).not.toContain('bob@');
    await replica(2).call('POST', 'users/bob@example.com/resume');
    expect((await browser.get(`${balancer.url}/login`)).text).not.toContain('bob@');
  });
});
