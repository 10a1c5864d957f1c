import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Reflector } from '@nestjs/core';
import { ROLES, type Role } from '#policy';
import { mayCommand, mayRead, type Reach } from '#tailnet';
import { formatApiToken, hashSecret } from '../auth/credential-text.js';
import { controlModule } from '../control.module.js';
import { TestControl } from '../testing/test-control.js';
import { ACCESS, type Access } from './access.js';
import { TokenGuard } from './token-guard.js';

/** Every route of every controller, as `Controller_method`, with what it says that it needs. */
const ROUTES: ReadonlyMap<string, Access | undefined> = new Map(
  (
    controlModule({
      secrets: { derive: () => new Uint8Array(32) },
      observability: { metrics: {} },
    } as never).controllers ?? []
  ).flatMap((controller) =>
    Object.entries(Object.getOwnPropertyDescriptors(controller.prototype))
      .filter(([name, { value }]) => name !== 'constructor' && Reflect.hasMetadata('path', value ?? {}))
      .map(([name, { value }]): [string, Access | undefined] => [
        `${controller.name}_${name}`,
        Reflect.getMetadata(ACCESS, value) ?? Reflect.getMetadata(ACCESS, controller),
      ]),
  ),
);

const reachOf = (access: Access | undefined, roles: readonly Role[]): Reach => {
  if (access?.kind === 'public') return 'any';
  if (access?.kind === 'read') return mayRead(access.what, roles);
  const reaches = (access?.commands ?? []).map((type) => mayCommand(type, roles));
  return (['any', 'own'] as const).find((reach) => reaches.includes(reach)) ?? 'no';
};

test('every route says what it needs', () => {
  expect(ROUTES.size).toBeGreaterThan(30);
  expect([...ROUTES].filter(([, access]) => access === undefined)).toEqual([]);
});

test('a route that does not say what it needs is for nobody', async () => {
  const apiToken = { id: 'tok', secretHash: hashSecret('s'), role: 'owner', expiresAt: null, description: '' };
  const state = { apiTokens: new Map([['tok', apiToken]]), users: new Map() };
  const tailnets = { find: () => ({ id: 't', fold: { state } }) };
  const guard = new TokenGuard(new Reflector(), tailnets as never, {} as never, { now: () => 0 } as never);
  const request = { headers: { authorization: `Bearer ${formatApiToken('t', 'tok', 's')}` }, method: 'GET', url: '/' };
  const allows = (handler: () => void) =>
    guard.canActivate({
      getHandler: () => handler,
      getClass: () => class Silent {},
      switchToHttp: () => ({ getRequest: () => request }),
    } as never);
  await expect(allows(() => {})).rejects.toMatchObject({ code: 'auth.forbidden' });
  const declared = () => {};
  Reflect.defineMetadata(ACCESS, { kind: 'read', what: 'tailnet' } satisfies Access, declared);
  expect(await allows(declared)).toBe(true);
});

describe('over HTTP', () => {
  interface Operation {
    readonly route: string;
    readonly method: string;
    readonly path: string;
    readonly access: Access | undefined;
  }

  let control: TestControl;
  let operations: Operation[] = [];
  const tokens = new Map<Role, string>();

  beforeAll(async () => {
    control = await TestControl.start();
    const document = await (await fetch(`${control.httpUrl}/api/openapi.json`)).json();
    const { paths } = document as { paths: Record<string, Record<string, { operationId: string }>> };
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({
        route: `${method.toUpperCase()} ${path.replace('/api/v1/tailnets/{tailnet}', '~')}`,
        method: method.toUpperCase(),
        path: path.replace('{tailnet}', '-').replaceAll(/\{\w+\}/g, '0'),
        access: ROUTES.get(operationId),
      })),
    );
    for (const role of ROLES) {
      const { body } = await control.call('POST', 'api-tokens', { role });
      tokens.set(role, (body as { token: string }).token);
    }
  });

  afterAll(() => control.stop());

  async function send({ method, path }: Operation, token?: string): Promise<{ status: number; code: unknown }> {
    const body = method === 'GET' || method === 'DELETE' ? undefined : '{"nonsense": true}';
    const headers = {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const response = await fetch(`${control.httpUrl}${path}`, { method, headers, ...(body !== undefined && { body }) });
    const text = await response.text();
    const code = response.ok ? undefined : (JSON.parse(text) as { code: unknown }).code;
    return { status: response.status, code };
  }

  test.each(ROLES)('the role %s is let in exactly where the tables say', async (role) => {
    const wrong: unknown[] = [];
    for (const operation of operations) {
      const { status, code } = await send(operation, tokens.get(role));
      const reach = reachOf(operation.access, [role]);
      const refused = code === 'auth.forbidden' || code === 'auth.role_out_of_reach';
      // Nothing is this token's own: a command of that reach finds nothing, or is refused with the command.
      const right = reach === 'no' ? refused && status === 403 : reach === 'any' ? !refused : status !== 500;
      if (!right || status >= 500) wrong.push([operation.route, reach, status, code]);
    }
    expect(wrong).toEqual([]);
  });

  test('without a token, only what is public answers', async () => {
    for (const operation of operations) {
      const { status, code } = await send(operation);
      const needsToken = operation.access?.kind !== 'public';
      expect([operation.route, code === 'auth.no_token']).toEqual([operation.route, needsToken]);
      expect([operation.route, status < 500]).toEqual([operation.route, true]);
      // Nothing about a tailnet is public.
      expect([operation.route, needsToken]).toEqual([operation.route, operation.route.includes(' ~')]);
    }
  });

  test('members see their own machines and those that these see, and the people behind them', async () => {
    const listed = async (path: string, token: string) => {
      const { body } = await control.call('GET', path, undefined, { authorization: `Bearer ${token}` });
      return body as { nodes: unknown[]; users: { login: string }[]; routes: unknown[] };
    };
    const { body } = await control.call('POST', 'api-tokens', { role: 'owner', user: 'admin@netfold.internal' });
    const owner = (body as { token: string }).token;
    expect((await listed('users', owner)).users).toHaveLength(1);
    const member = tokens.get('member') ?? '';
    expect(await listed('nodes', member)).toMatchObject({ nodes: [] });
    expect(await listed('routes', member)).toMatchObject({ routes: [] });
    expect(await listed('users', member)).toMatchObject({ users: [] });
    await control.call('POST', 'users', { login: 'mia@example.com' });
    const { body: issued } = await control.call('POST', 'api-tokens', { role: 'owner', user: 'mia@example.com' });
    // The role of the token is an owner's, and Mia is a member: it does what both may.
    const mia = (issued as { token: string }).token;
    expect((await listed('users', mia)).users.map(({ login }) => login)).toEqual(['mia@example.com']);
    const denied = await control.call('GET', 'events', undefined, { authorization: `Bearer ${mia}` });
    expect(denied).toMatchObject({ status: 403, body: { code: 'auth.forbidden' } });
  });
});
