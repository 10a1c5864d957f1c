import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { netfold } from '../../apps/cli/src/testing/fake-io.js';
import { MeshInProcess, TestMachine, until } from './mesh-in-process.js';

const POLICY = '{"tagOwners": {"tag:web": []}, "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';

describe('what the command line says of a machine', () => {
  let mesh: MeshInProcess;
  let a: TestMachine;
  beforeAll(async () => {
    mesh = await MeshInProcess.start();
    await mesh.admin.call('PUT /policy', { body: POLICY });
    a = await mesh.join('web');
  });
  afterAll(() => mesh.close());

  const at = (machine: TestMachine, ...words: string[]) => netfold([...words, '--socket', machine.client.socketPath]);

  it('whose name another has: it is told at up, and status shows the name that it got', async () => {
    const b = new TestMachine(`${mesh.folder}/b`, 'b');
    mesh.machines.push(b);
    await b.start();
    const NETFOLD_AUTH_KEY = await mesh.authKey({ tags: ['tag:web'] });
    const words = [
      'up',
      '--server',
      mesh.control.httpUrl,
      '--userspace',
      '--hostname',
      'web',
      '--socket',
      b.client.socketPath,
    ];
    const up = await netfold(words, { env: { NETFOLD_AUTH_KEY } });
    const taken = 'The name web belongs to another machine: this one is web-1.';
    expect(up).toEqual({ code: 0, stdout: `Success.\n${taken}\n`, stderr: '' });
    const { stdout, stderr } = await at(b, 'status');
    expect(stdout).toMatch(
      /^100\.64\.\S+ +web-1 +tagged-devices +linux +-\n100\.64\.\S+ +web +admin@netfold\.internal /,
    );
    expect(stderr).toBe(`\n# ${taken}\n`);
    await until(async () => (await at(a, 'status')).stdout.includes('  web-1  '));
    expect((await at(a, 'status')).stderr).toBe('');
  });

  it('that talks to another: directly, and with how much', async () => {
    expect((await at(a, 'ping', 'web-1', '-c', '1')).code).toBe(0);
    const { stdout } = await at(a, 'status', '--active', '--self=false');
    expect(stdout).toMatch(/^\S+ +web-1 +tagged-devices +linux +active; direct 127\.0\.0\.1:\d+, tx \d+ rx \d+\n$/);
  });

  it('that measures what is around it', async () => {
    const { code, stdout, stderr } = await at(a, 'netcheck');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^UDP +port \d+; 1 of 1 peers called on answered, the last handshake /m);
    expect(stdout).toMatch(/^endpoints +127\.0\.0\.1:\d+/m);
    expect(stdout).toContain(`${mesh.control.httpUrl}, version 0.1.0, answers in `);
    expect(stdout).toContain(`http://${mesh.control.grpcAddress} connects in `);
    expect(stdout).toMatch(/^netmap +is followed$/m);
    expect(stdout).toMatch(/^clock .*the server's, give or take \d/m);
  });

  it('whose owner is suspended: that it reaches nobody, and why', async () => {
    await mesh.admin.call('POST /users', { body: { login: 'alice@example.com' } });
    const c = await mesh.join('alices', { user: 'alice@example.com' });
    await mesh.admin.call('POST /users/alice@example.com/suspend');
    await until(async () => (await at(c, 'status')).stderr.includes('alice@example.com is suspended'));
    const { stdout, stderr } = await at(c, 'status');
    expect(stdout).toMatch(/^100\.64\.\S+ +alices +alice@example\.com +linux +-\n$/);
    expect(stderr).toMatch(/# Health check:\n# +- alice@example\.com is suspended, so this machine reaches nobody/);
  });

  it('that lost the server: why, and it still shows the network', async () => {
    await mesh.control.close();
    await until(async () => (await a.status()).Control.Problem !== undefined);
    const { code, stdout, stderr } = await at(a, 'status');
    expect({ code, rows: stdout.trim().split('\n').length }).toEqual({ code: 0, rows: 2 });
    expect(stderr).toContain('# Health check:\n#     - the control plane did not answer');
    const measured = await at(a, 'netcheck');
    expect(measured).toMatchObject({ code: 1, stdout: expect.stringMatching(/^server +\S+ cannot be reached: /m) });
    expect(measured.stderr).toContain('# Problems:\n#     - the control plane cannot be reached: ');
  });

  it('that joins nothing where no server is', async () => {
    const d = new TestMachine(`${mesh.folder}/d`, 'd');
    mesh.machines.push(d);
    await d.start();
    const words = ['up', '--userspace', '--server', mesh.control.httpUrl, '--socket', d.client.socketPath];
    const { code, stdout, stderr } = await netfold(words, { env: { NETFOLD_AUTH_KEY: 'nfk_x' } });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(
      `(${mesh.control.httpUrl})\n  check that the server runs, and its address, port and certificate`,
    );
  });
});
