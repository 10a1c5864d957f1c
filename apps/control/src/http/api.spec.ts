import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, TestControl } from '../testing/test-control.js';

const POLICY = '{\n  // open\n  "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],\n}\n';

describe('the HTTP API', () => {
  let control: TestControl;
  const call = (...words: Parameters<TestControl['call']>): Promise<Answer> => control.call(...words);

  beforeAll(async () => {
    control = await TestControl.start();
  });

  afterAll(() => control.stop());

  const tokenFor = async (role: string): Promise<{ authorization: string }> => {
    const { body } = await call('POST', 'api-tokens', { role });
    return { authorization: `Bearer ${(body as { token: string }).token}` };
  };

  test('tells anybody that it lives, and where agents connect; nothing more', async () => {
    for (const path of ['healthz', 'readyz']) expect((await fetch(`${control.httpUrl}/${path}`)).status).toBe(200);
    const server = await (await fetch(`${control.httpUrl}/api/v1/server`)).json();
    const port = Number(control.grpcAddress.split(':')[1]);
    const releaseLevel = { own: expect.any(Number), all: null };
    expect(server).toEqual({ version: '0.1.0', protocol: 'netfold.v1', grpc: { port, tls: false }, releaseLevel });
  });

  describe('is described', () => {
    interface Operation {
      readonly summary?: string;
      readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema?: unknown }[];
      readonly responses: Record<string, unknown>;
      readonly requestBody?: { readonly content: Record<string, { readonly schema: object }> };
    }
    let operations: [route: string, operation: Operation][] = [];
    let text = '';

    beforeAll(async () => {
      text = await (await fetch(`${control.httpUrl}/api/openapi.json`)).text();
      const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Operation>> };
      operations = Object.entries(paths).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]): [string, Operation] => [
          `${method.toUpperCase()} ${path}`,
          operation,
        ]),
      );
    });

    test('with every route that there is', () => {
      const routes = operations.map(([route]) => route.replace('/api/v1/tailnets/{tailnet}', '~'));
      expect(routes.sort()).toMatchSnapshot();
    });

    test('as OpenAPI asks for: parameters, answers, bodies and references are all defined', () => {
      const document = JSON.parse(text) as { openapi: string; components: { schemas: Record<string, unknown> } };
      expect(document.openapi).toMatch(/^3\.0\.\d$/);
      for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
        expect(document.components.schemas).toHaveProperty(name ?? '');
      }
      for (const [route, { summary, parameters = [], responses, requestBody }] of operations) {
        const named = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
        expect([route, summary]).toEqual([route, expect.any(String)]);
        expect([route, parameters.filter((one) => one.in === 'path').map(({ name }) => name)]).toEqual([route, named]);
        expect(new Set(parameters.map((one) => `${one.in} ${one.name}`)).size).toBe(parameters.length);
        expect(Object.keys(responses)).toContain('default');
        for (const { schema } of Object.values(requestBody?.content ?? {})) expect(schema).toHaveProperty('type');
      }
    });
  });

  describe('who may call it', () => {
    test.each([
      ['no token', {}, 'auth.no_token'],
      ['something else', { authorization: 'Basic abc' }, 'auth.no_token'],
      ['a token that never was', { authorization: 'Bearer nfa_a_b_c' }, 'auth.bad_token'],
    ])('%s is refused', async (_, headers, code) => {
      const response = await fetch(`${control.httpUrl}/api/v1/tailnets/-/nodes`, { headers });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toBe('Bearer');
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      expect(await response.json()).toMatchObject({ code, status: 401, where: 'Authorization' });
    });

    test('a token with another secret is refused, and one that was revoked', async () => {
      const forged = { authorization: `Bearer ${control.token.slice(0, -1)}~` };
      expect((await call('GET', 'nodes', undefined, forged)).body).toMatchObject({ code: 'auth.bad_token' });
      const { body } = await call('POST', 'api-tokens', { role: 'auditor' });
      const { token, tokenId } = body as { token: string; tokenId: string };
      const headers = { authorization: `Bearer ${token}` };
      expect((await call('GET', 'events', undefined, headers)).status).toBe(200);
      expect((await call('DELETE', `api-tokens/${tokenId}`)).status).toBe(200);
      const after = await call('GET', 'events', undefined, headers);
      expect(after).toMatchObject({ status: 401, body: { code: 'auth.token_revoked' } });
    });

    test('a role reads and changes what is its own to read and change', async () => {
      const member = await tokenFor('member');
      expect((await call('GET', 'nodes', undefined, member)).status).toBe(200);
      expect(await call('GET', 'events', undefined, member)).toMatchObject({
        status: 403,
        body: { code: 'auth.forbidden' },
      });
      const auditor = await tokenFor('auditor');
      expect((await call('GET', 'policy', undefined, auditor)).status).toBe(200);
      const denied = await call('PUT', 'policy', POLICY, auditor);
      expect(denied).toMatchObject({ status: 403, body: { code: 'auth.forbidden' } });
    });

    test('the token of one tailnet opens no other', async () => {
      const url = `${control.httpUrl}/api/v1/tailnets/other/nodes`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${control.token}` } });
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ code: 'tailnet.unknown' });
    });
  });

  describe('changes', () => {
    test('are conditional on a revision when the caller says so', async () => {
      const { headers, body } = await call('GET', 'users');
      const etag = headers.get('etag') ?? '';
      expect(etag).toBe(`"${(body as { revision: number }).revision}"`);
      const user = { login: 'carol@example.com' };
      const added = await call('POST', 'users', user, { 'if-match': etag });
      expect(added).toMatchObject({ status: 201, body: { events: [{ type: 'UserJoined' }] } });
      const late = await call('POST', 'users', { login: 'dave@example.com' }, { 'if-match': etag });
      expect(late).toMatchObject({ status: 412, body: { code: 'tailnet.stale_revision' } });
      expect((await call('PUT', 'dns', {}, { 'if-match': 'x' })).body).toMatchObject({ code: 'http.bad_if_match' });
    });

    test('that are repeated with their key answer the same, secrets included, and happen once', async () => {
      const key = { 'idempotency-key': 'k-1' };
      const wish = { user: 'admin@netfold.internal', description: 'ci' };
      const [first, second] = [
        (await call('POST', 'auth-keys', wish, key)).body,
        (await call('POST', 'auth-keys', wish, key)).body,
      ];
      expect(second).toEqual(first);
      const { body } = await call('GET', 'auth-keys');
      const listed = (body as { authKeys: { description: string }[] }).authKeys;
      expect(listed.filter(({ description }) => description === 'ci')).toHaveLength(1);
      expect(JSON.stringify(body)).not.toContain('secret');
      // Somebody else who has read the ledger, or guessed the key, gets no secret.
      const other = await call('POST', 'auth-keys', wish, { ...key, ...(await tokenFor('admin')) });
      expect((other.body as { key: string }).key).not.toBe((first as { key: string }).key);
    });

    test('are refused with what was wrong, where, and what to do', async () => {
      expect(await call('POST', 'users', { login: 'x@example.com', rôle: 'admin' })).toMatchObject({
        status: 400,
        body: { code: 'http.bad_body', hint: 'see /api/openapi.json' },
      });
      expect(await call('POST', 'users', { login: 'x@example.com', role: 'king' })).toMatchObject({
        status: 400,
        body: { where: 'body.role' },
      });
      expect(await call('POST', 'nodes/nobody/approve')).toMatchObject({ status: 404, body: { code: 'node.unknown' } });
      expect(await call('GET', 'nothing-here')).toMatchObject({ status: 404, body: { code: 'http.not_found' } });
      const huge = await call('PUT', 'policy', 'x'.repeat(600_000));
      expect(huge).toMatchObject({ status: 413, body: { code: 'http.bad_request' } });
    });

    test('of one user end with the user', async () => {
      await call('POST', 'users', { login: 'erin@example.com', role: 'admin' });
      for (const step of ['role', 'suspend', 'resume'] as const) {
        const body = step === 'role' ? { role: 'auditor' } : undefined;
        expect((await call('POST', `users/erin@example.com/${step}`, body)).status).toBe(200);
      }
      const key = { 'idempotency-key': 'remove-erin' };
      const removed = await call('DELETE', 'users/erin@example.com', undefined, key);
      expect(removed.body).toMatchObject({ events: [{ type: 'UserRemoved' }] });
      const again = await call('DELETE', 'users/erin@example.com', undefined, key);
      expect(again).toMatchObject({ status: 200, body: { events: [] } });
    });

    test('of settings and DNS are read back', async () => {
      const { body } = await call('PUT', 'settings', { deviceApproval: true });
      const { revision } = body as { revision: number };
      const read = await call('GET', `settings?minRevision=${revision}`);
      expect(read.body).toMatchObject({ revision, settings: { deviceApproval: true } });
      await call('PUT', 'settings', { deviceApproval: false });
      await call('PUT', 'dns', { nameservers: ['9.9.9.9'], splitDns: { 'corp.example': ['10.0.0.53'] } });
      expect((await call('GET', 'dns')).body).toMatchObject({ dns: { magicDns: true, nameservers: ['9.9.9.9'] } });
      expect((await call('GET', 'revision?minRevision=zero')).body).toMatchObject({ code: 'http.bad_query' });
    });
  });

  describe('the policy', () => {
    test('is a text that is kept as it was written', async () => {
      expect((await call('GET', 'policy')).body).toContain('Everybody may reach everything');
      expect(await call('PUT', 'policy', POLICY)).toMatchObject({
        status: 200,
        body: { problems: [{ code: 'policy.over_wide' }] },
      });
      const { body, headers } = await call('GET', 'policy');
      expect(body).toBe(POLICY);
      expect(headers.get('content-type')).toContain('application/hujson');
    });

    test('with errors is refused with all of them and their places, and the last good one stays', async () => {
      const broken = '{\n  "acls": [\n    {"action": "accept", "src": ["group:nobody"], "dst": ["*:*"]},\n  ],\n}';
      const refused = await call('PUT', 'policy', broken);
      expect(refused).toMatchObject({ status: 400, body: { code: 'policy.invalid', problems: [{ line: 3 }] } });
      expect((await call('POST', 'policy/check', broken)).body).toMatchObject({ ok: false, problems: [{ line: 3 }] });
      expect((await call('GET', 'policy')).body).toBe(POLICY);
    });

    test('whose own tests fail is refused', async () => {
      const failing = `{
        "acls": [{"action": "accept", "src": ["carol@example.com"], "dst": ["*:22"]}],
        "tests": [{"src": "carol@example.com", "deny": ["carol@example.com:22"]}],
      }`;
      expect((await call('PUT', 'policy', failing)).body).toMatchObject({ code: 'policy.invalid' });
      expect((await call('GET', 'policy')).body).toBe(POLICY);
    });

    test('answers who may reach what, and by which rule', async () => {
      const auditor = await tokenFor('auditor');
      const explain = async (dst: string) => {
        const query = new URLSearchParams({ src: 'admin@netfold.internal', dst });
        return (await call('GET', `policy/explain?${query}`, undefined, auditor)).body;
      };
      expect(await explain('10.0.0.1:22')).toMatchObject({
        allowed: true,
        rule: { name: 'acls[0]', line: 3, because: '* may reach *:*' },
      });
      expect(await explain('nobody:22')).toMatchObject({ code: 'policy.unknown_name' });
      expect(await explain('10.0.0.1')).toMatchObject({ code: 'policy.bad_question', where: 'dst' });
      expect((await call('GET', 'policy/explain?src=a')).body).toMatchObject({ code: 'http.bad_query' });
      expect((await call('GET', 'policy/explain?src=a&dst=b:1', undefined, await tokenFor('member'))).status).toBe(403);
    });
  });

  describe('the ledger', () => {
    test('says what happened, by whom, in words', async () => {
      const { body } = await call('GET', 'events?limit=3');
      expect(body).toMatchObject({
        events: [
          { revision: 0, type: 'TailnetCreated', actor: { kind: 'system' }, summary: expect.stringContaining('home') },
          { revision: 1, type: 'UserJoined', summary: 'admin@netfold.internal joined as owner' },
          { revision: 2, type: 'AclPublished' },
        ],
      });
      const added = await call('GET', 'events?type=UserJoined&after=1&actor=first%20start');
      expect((added.body as { events: { actor: { kind: string } }[] }).events[0]?.actor.kind).toBe('token');
    });

    test('is followed line by line, as it grows', async () => {
      const { body } = await call('GET', 'revision');
      const { revision } = body as { revision: number };
      const url = `${control.httpUrl}/api/v1/tailnets/-/events?follow=true&after=${revision - 1}&limit=2`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${control.token}` } });
      expect(response.headers.get('content-type')).toContain('application/x-ndjson');
      await call('POST', 'users', { login: 'frank@example.com' });
      const lines = (await response.text()).trim().split('\n');
      expect(lines.map((line) => (JSON.parse(line) as { revision: number }).revision)).toEqual([
        revision,
        revision + 1,
      ]);
    });
  });
});
