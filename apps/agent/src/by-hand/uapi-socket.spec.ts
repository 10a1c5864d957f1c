import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { UapiSocket } from './uapi-socket.js';

let folder: string;
let socket: UapiSocket | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-uapi-'));
});
afterEach(async () => {
  await socket?.close();
  socket = undefined;
  await rm(folder, { recursive: true });
});

const open = async (answer = (operation: string) => `${operation}\nerrno=0\n\n`) => {
  socket = await UapiSocket.open('nf0', answer, join(folder, 'wireguard'));
  return socket.path;
};

/** What is answered on one connection. */
async function ask(path: string, request: string): Promise<string> {
  const connection = connect(path);
  connection.end(request);
  return text(connection);
}

describe('the socket of the userspace API', () => {
  it('is its owner’s alone, and gone when it is closed', async () => {
    const path = await open();
    expect(path).toBe(join(folder, 'wireguard/nf0.sock'));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await socket?.close();
    socket = undefined;
    expect(existsSync(path)).toBe(false);
  });

  it('answers each operation of a connection, though the asker has hung up its end', async () => {
    const path = await open();
    expect(await ask(path, 'get=1\n\nset=1\nfwmark=1\n\n')).toBe('get=1\nerrno=0\n\nset=1\nfwmark=1\nerrno=0\n\n');
  });

  it('sends long answers one after the other', async () => {
    const path = await open(() => 'x'.repeat(1 << 20));
    expect((await ask(path, 'get=1\n\n'.repeat(8))).length).toBe(8 << 20);
  });

  it('says no to what never ends, and lives on', async () => {
    const path = await open();
    const connection = connect(path);
    connection.on('error', () => {}); // it hangs up while there is more
    connection.write(`set=1\n${'a'.repeat(5 << 20)}`);
    const answers = await text(connection).catch(() => 'errno=-22\n\n');
    expect(answers).toBe('errno=-22\n\n');
    expect(await ask(path, 'get=1\n\n')).toBe('get=1\nerrno=0\n\n');
  });

  it('does not wait for whoever is connected and silent when it closes', async () => {
    const connection = connect(await open());
    await once(connection, 'connect');
    const hungUp = once(connection, 'close');
    await socket?.close();
    socket = undefined;
    await hungUp;
  });

  it('takes the place of what a killed agent left, but not of one that answers', async () => {
    const path = await open();
    const second = UapiSocket.open('nf0', () => '', join(folder, 'wireguard'));
    await expect(second).rejects.toMatchObject({ code: 'agent.uapi_socket', where: path });
    expect(await ask(path, 'get=1\n\n')).toBe('get=1\nerrno=0\n\n');
    await socket?.close();
    await writeFile(path, '');
    await open();
    expect(await ask(path, 'get=1\n\n')).toBe('get=1\nerrno=0\n\n');
  });

  it('says where it cannot be', async () => {
    await writeFile(join(folder, 'wireguard'), '');
    await expect(open()).rejects.toMatchObject({ code: 'agent.uapi_socket' });
  });
});
