import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { NetfoldError } from '#kernel';
import { NetworkNamespace } from '../testing/network-namespace.js';
import { LinuxTun } from './linux-tun.js';

let namespace: NetworkNamespace;
let tun: LinuxTun | undefined;
let failures: NetfoldError[];

beforeEach(async () => {
  failures = [];
  namespace = await NetworkNamespace.create();
});
afterEach(async () => {
  await tun?.close();
  tun = undefined;
  await namespace.remove();
});

/** An interface inside the namespace with 10.99.0.1/24; the test is every other host of that network. */
async function openInside(onFailure = (error: NetfoldError): unknown => failures.push(error)): Promise<LinuxTun> {
  tun = await LinuxTun.open({ name: namespace.interfaceName(), mtu: 1400, onFailure });
  await namespace.adopt(tun.name);
  await namespace.exec('ip', 'address', 'add', '10.99.0.1/24', 'dev', tun.name);
  await namespace.exec('ip', 'link', 'set', tun.name, 'up', 'mtu', '1400');
  return tun;
}

/** Turns an IPv4 echo request into its reply: the checksum changes by what the type does (RFC 1624). */
function asReply(request: Uint8Array): Uint8Array {
  const reply = request.slice();
  reply.set(request.subarray(16, 20), 12);
  reply.set(request.subarray(12, 16), 16);
  const view = new DataView(reply.buffer);
  reply[20] = 0;
  const sum = view.getUint16(22) + 0x0800;
  view.setUint16(22, (sum & 0xffff) + (sum >>> 16));
  return reply;
}

test('the host pings through it', async () => {
  const opened = await openInside();
  opened.onPackets((packets) => {
    for (const packet of packets) if (packet[0] === 0x45 && packet[9] === 1) opened.write(asReply(packet));
  });
  const output = await namespace.exec('ping', '-c', '20', '-i', '0.01', '-s', '1300', '-w', '60', '10.99.0.2');
  expect(output).toContain('20 received');
});

test('closing takes the interface away and leaves no descriptor; closing again is nothing', async () => {
  const descriptors = async () => (await readdir('/proc/self/fd')).length;
  const before = await descriptors();
  const opened = await openInside();
  const { name } = opened;
  await opened.close();
  await opened.close();
  opened.write(new Uint8Array(20));
  await expect(namespace.exec('ip', 'link', 'show', 'dev', name)).rejects.toThrow('does not exist');
  while ((await descriptors()) > before) await pause(20); // those of programs that were run go in their own time
  tun = await LinuxTun.open({ name, mtu: 1400 });
});

test('an interface that is deleted is reported', async () => {
  const failed = new Promise<NetfoldError>((resolve, reject) => {
    openInside(resolve)
      .then(({ name }) => namespace.exec('ip', 'link', 'delete', name))
      .catch(reject);
  });
  expect((await failed).code).toBe('host.tun_lost');
});

test('a name in use is refused with a reason', async () => {
  tun = await LinuxTun.open({ name: namespace.interfaceName(), mtu: 1400 });
  await expect(LinuxTun.open({ name: tun.name, mtu: 1400 })).rejects.toMatchObject({ code: 'host.interface_in_use' });
  await expect(LinuxTun.open({ name: 'lo', mtu: 1400 })).rejects.toMatchObject({ code: 'host.interface_in_use' });
  await expect(LinuxTun.open({ name: 'a/b', mtu: 1400 })).rejects.toMatchObject({ code: 'host.bad_interface_name' });
});

/** Starts a program on these sources in a process of its own, behind the words of another command. */
function runProgram(program: string, behind: readonly string[] = [], uid?: number) {
  const resolver = `data:text/javascript,${encodeURIComponent(`
    import { registerHooks } from 'node:module';
    registerHooks({ resolve: (name, context, next) => {
      const source = name.startsWith('.') && context.parentURL?.endsWith('.ts') ? name.replace(/[.]js$/, '.ts') : name;
      return next(source, context);
    } });`)}`;
  const tun = JSON.stringify(new URL('./linux-tun.ts', import.meta.url).href);
  const whole = `import { LinuxTun } from ${tun};\n${program}`;
  const node = [process.execPath, '--conditions=source', '--experimental-transform-types', '--import', resolver];
  const [command = '', ...words] = [...behind, ...node, '--input-type=module', '-e', whole];
  return spawnSync(command, words, { timeout: 120_000, encoding: 'utf8', ...(uid !== undefined && { uid }) });
}

test('a program that exits without closing does not hang', () => {
  const program = `
    import { readdirSync, readFileSync } from 'node:fs';
    await LinuxTun.open({ name: 'tun0', mtu: 1400 });
    const threads = () => readdirSync('/proc/self/task').map((id) => readFileSync('/proc/self/task/' + id + '/syscall', 'utf8'));
    // Number 7 on x86-64, 73 on arm64: the reader waits in poll.
    const exitOnceBlocked = () => threads().some((call) => /^(7|73) /.test(call)) ? process.exit(7) : setImmediate(exitOnceBlocked);
    exitOnceBlocked();`;
  const { status, stderr } = runProgram(program, ['ip', 'netns', 'exec', namespace.name]);
  expect({ status, stderr }).toEqual({ status: 7, stderr: expect.not.stringContaining('Error') });
});

test('without root it is refused with what to do', () => {
  const program = `
    const refused = await LinuxTun.open({ name: 'tun0', mtu: 1400 }).catch((error) => error);
    console.log(refused.code, refused.hint);`;
  const { stdout } = runProgram(program, [], 65_534);
  expect(stdout).toMatch(/^host.need_root .*--userspace/);
});
