import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestBrowser } from '../../apps/control/src/testing/test-browser.js';
import { MeshInProcess, TestMachine, until } from './mesh-in-process.js';

let mesh: MeshInProcess;
let machine: TestMachine;
let browser: TestBrowser;

beforeEach(async () => {
  mesh = await MeshInProcess.start();
  machine = new TestMachine(`${mesh.folder}/laptop`, 'laptop');
  mesh.machines.push(machine);
  await machine.start();
  browser = new TestBrowser();
  await browser.submit(await browser.get(mesh.control.ownerLink ?? ''));
});
afterEach(() => mesh.close());

const request = (more = {}) => ({ serverUrl: mesh.control.httpUrl, hostname: 'laptop', userspace: true, ...more });

/** Asks for a person, who says what they say. */
async function login(verdict: 'yes' | 'no'): Promise<string> {
  const { url, ticket } = await machine.client.call<{ url: string; ticket: string }>('POST /login');
  const page = await browser.get(url);
  expect(page.text).toContain('<dd>laptop</dd>');
  await browser.submit(page, { verdict });
  return ticket;
}

describe('a machine that a person lets in', () => {
  test('joins as theirs, and keeps its address when they let it in again after its key has expired', async () => {
    await expect(machine.up(request())).rejects.toMatchObject({ code: 'agent.needs_login' });
    const status = await machine.up(request({ loginTicket: await login('yes') }));
    expect(status).toMatchObject({
      BackendState: 'Running',
      Self: { HostName: 'laptop', User: 'admin@netfold.internal' },
    });
    await mesh.admin.call('POST /nodes/laptop/expire');
    await until(
      async () => (await machine.status()).Self === undefined || (await machine.status()).BackendState !== 'Running',
    );
    await expect(machine.up(request())).rejects.toMatchObject({ code: 'agent.needs_login' });
    const again = await machine.up(request({ loginTicket: await login('yes') }));
    expect(again).toMatchObject({ BackendState: 'Running', Self: { ID: status.Self?.ID, IPs: status.Self?.IPs } });
  });

  test('does not ask again for a tag that it was refused', async () => {
    await machine.up(request({ advertiseTags: ['tag:web'] })).catch(() => {});
    const loginTicket = await login('yes');
    const refused = machine.up(request({ advertiseTags: ['tag:web'], loginTicket }));
    await expect(refused).rejects.toMatchObject({ where: 'tag:web' });
    await expect(machine.up(request())).rejects.toMatchObject({ code: 'agent.needs_login' });
    expect((await machine.up(request({ loginTicket: await login('yes') }))).BackendState).toBe('Running');
  });

  test('is told when they say no, and cannot use the ticket of another machine, nor one twice', async () => {
    await machine.up(request()).catch(() => {});
    await expect(machine.up(request({ loginTicket: await login('no') }))).rejects.toMatchObject({
      code: 'login.denied',
    });
    const other = new TestMachine(`${mesh.folder}/other`, 'other');
    mesh.machines.push(other);
    await other.start();
    const ticket = await login('yes');
    await expect(other.up(request({ loginTicket: ticket }))).rejects.toMatchObject({ code: 'login.unknown_code' });
    expect((await machine.up(request({ loginTicket: ticket }))).BackendState).toBe('Running');
    await expect(other.up(request({ loginTicket: ticket }))).rejects.toMatchObject({ code: 'login.unknown_code' });
  });
});
