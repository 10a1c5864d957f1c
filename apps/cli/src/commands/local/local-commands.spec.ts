import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NetfoldError } from '#kernel';
import type { LocalRoutes } from '../../../../agent/src/local-api/local-server.js';
import { FakeAgents, status } from '../../testing/fake-agent.js';
import { NOW, netfold } from '../../testing/fake-io.js';

let agents: FakeAgents;
beforeEach(async () => {
  agents = await FakeAgents.open();
});
afterEach(() => agents.close());

describe('netfold up', () => {
  const recorder = () => {
    const seen: unknown[] = [];
    const routes: LocalRoutes = {
      'POST /up': async ({ body }) => {
        seen.push(body);
        return status({ Health: ['a remark'] });
      },
    };
    return { seen, routes };
  };

  it('hands over what was named, and nothing else', async () => {
    const { seen, routes } = recorder();
    const words = [
      '--server',
      'https://x',
      '--advertise-routes',
      '10.0.0.0/8, 192.168.1.0/24',
      '--accept-routes',
      '--userspace',
    ];
    expect(await netfold(['up', ...words], await agents.start(routes))).toEqual({
      code: 0,
      stdout: 'Success.\na remark\n',
      stderr: '',
    });
    const routesNamed = ['10.0.0.0/8', '192.168.1.0/24'];
    expect(seen).toEqual([
      { serverUrl: 'https://x', advertiseRoutes: routesNamed, acceptRoutes: true, userspace: true },
    ]);
  });

  it('says when an admin has to agree first', async () => {
    const routes = { 'POST /up': async () => status({ BackendState: 'NeedsMachineAuth' }) };
    const { code, stdout } = await netfold(['up'], await agents.start(routes));
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: 'This machine has asked to join. An admin lets it in with: netfold node approve laptop\n',
    });
  });

  it('takes the key from a file, from standard input, or from the environment', async () => {
    const { seen, routes } = recorder();
    const { env } = await agents.start(routes);
    await writeFile(join(agents.folder, 'key'), 'nfk_file\n');
    await netfold(['up', '--auth-key-file', join(agents.folder, 'key')], { env });
    await netfold(['up', '--auth-key-file', '-'], { env, stdin: 'nfk_stdin\n' });
    await netfold(['up'], { env: { ...env, NETFOLD_AUTH_KEY: 'nfk_env' } });
    await netfold(['up', '--no-accept-routes', '--advertise-routes', ''], { env });
    expect(seen).toEqual([
      { authKey: 'nfk_file' },
      { authKey: 'nfk_stdin' },
      { authKey: 'nfk_env' },
      { acceptRoutes: false, advertiseRoutes: [] },
    ]);
  });

  it.each([
    [['--auth-key', 'a', '--auth-key-file', 'b'], 'netfold: there are two auth keys (--auth-key)\n  name one of'],
    [['--auth-key-file', '/nowhere/key'], 'netfold: cannot read /nowhere/key: there is no such file (--auth-key-file)'],
    [['--auth-key-file', '-'], 'netfold: standard input is empty (--auth-key-file)'],
    [['--nonsense'], "netfold: unknown option '--nonsense'"],
  ])('refuses %j before it asks anybody', async (words, text) => {
    const { seen, routes } = recorder();
    const { code, stdout, stderr } = await netfold(['up', ...words], await agents.start(routes));
    expect({ code, stdout, seen }).toEqual({ code: 1, stdout: '', seen: [] });
    expect(stderr).toContain(text);
  });

  it('passes on why the agent refused', async () => {
    const refuse = async () => {
      throw new NetfoldError({
        code: 'auth.bad_key',
        message: 'no tailnet here has this auth key',
        where: '--auth-key',
        hint: 'copy it',
      });
    };
    const { code, stderr } = await netfold(['up'], await agents.start({ 'POST /up': refuse }));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'netfold: no tailnet here has this auth key (--auth-key)\n  copy it\n',
    });
  });
});

describe('netfold ping', () => {
  const answers = (...rtts: (number | undefined)[]): LocalRoutes => ({
    'POST /ping': async () =>
      (async function* () {
        for (const [sequence, rtt] of rtts.entries()) {
          yield {
            sequence,
            target: '100.64.0.20',
            sentAt: NOW,
            via: 'web-1',
            endpoint: '192.0.2.20:41641',
            ...(rtt !== undefined && { rtt }),
          };
        }
      })(),
  });

  it('prints each answer as it comes', async () => {
    const { code, stdout } = await netfold(
      ['ping', 'web-1', '-c', '2'],
      await agents.start(answers(3.21, 0.414, undefined)),
    );
    expect(stdout).toBe(
      'pong from web-1 (100.64.0.20) via 192.0.2.20:41641 in 3ms\n' +
        'pong from web-1 (100.64.0.20) via 192.0.2.20:41641 in 0.41ms\n' +
        'no answer from 100.64.0.20 (2)\n',
    );
    expect(code).toBe(0);
  });

  it('says so when a relay carries them', async () => {
    const routes: LocalRoutes = {
      'POST /ping': async () =>
        (async function* () {
          yield { sequence: 0, target: '100.64.0.20', sentAt: NOW, via: 'web-1', relay: 'fra', rtt: 48.8 };
        })(),
    };
    const { stdout } = await netfold(['ping', 'web-1'], await agents.start(routes));
    expect(stdout).toBe('pong from web-1 (100.64.0.20) via relay(fra) in 49ms\n');
  });

  it('fails when nothing answered', async () => {
    const { code, stderr } = await netfold(['ping', 'web-1'], await agents.start(answers(undefined)));
    expect(code).toBe(1);
    expect(stderr).toContain('netfold: web-1 did not answer\n');
  });

  it.each([
    ['-c', 'x'],
    ['-i', '0'],
    ['-W', '-1'],
  ])('refuses %s %s', async (...words) => {
    const { code, stderr } = await netfold(['ping', 'web-1', ...words]);
    expect({ code, said: /It must be a/.test(stderr) }).toEqual({ code: 1, said: true });
  });
});

describe('netfold ip', () => {
  const routes: LocalRoutes = { 'GET /status': async () => status() };
  it.each([
    [[], '100.64.0.1\nfd00::1\n'],
    [['-4'], '100.64.0.1\n'],
    [['-6', 'web-1'], 'fd00::20\n'],
    [['WEB-1.home.netfold.internal.', '-4'], '100.64.0.20\n'],
    [['--json', '-4'], '[\n  "100.64.0.1"\n]\n'],
  ])('%j', async (words, text) =>
    expect(await netfold(['ip', ...words], await agents.start(routes))).toMatchObject({ code: 0, stdout: text }),
  );

  it('knows no strangers', async () => {
    const { code, stderr } = await netfold(['ip', 'x'], await agents.start(routes));
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'netfold: this machine knows no node "x"\n  see the names it knows with: netfold status\n',
    });
  });
});
