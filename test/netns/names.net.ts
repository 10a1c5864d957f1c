import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Machine, Mesh, statusOf } from './lab/mesh.js';
import { until } from './lab/until.js';

const NAMESERVER = '10.9.0.53';
const BEFORE = `# by hand\nnameserver ${NAMESERVER}\noptions timeout:2\n`;
const LONG_TEXT = 'x'.repeat(250);

let mesh: Mesh;
let laptop: Machine;
let server: Machine;
let serverIps: readonly string[];

beforeAll(async () => {
  mesh = await Mesh.open();
  const elsewhere = mesh.lab.host('dns', `${NAMESERVER}/24`);
  const texts = Array.from({ length: 12 }, (_, i) => `--txt-record=long.example.test,${i}${LONG_TEXT}`);
  elsewhere.start('dnsmasq', 'dnsmasq', [
    ...[
      '--keep-in-foreground',
      '--no-resolv',
      '--no-hosts',
      '--pid-file=',
      '--user=root',
      `--listen-address=${NAMESERVER}`,
    ],
    ...['--host-record=www.example.test,203.0.113.5', '--local=/example.test/', ...texts],
  ]);
  await mesh.admin(['set-acl'], '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}');
  const host = mesh.lab.host('laptop', '10.9.0.2/24');
  writeFileSync(host.resolvConf, BEFORE);
  [laptop, server] = await Promise.all([mesh.join(host), mesh.join(mesh.lab.host('my-server', '10.9.0.3/24'))]);
  serverIps = (await statusOf(server)).Self.IPs;
  await until('the nameserver', async () => (await answers(`@${NAMESERVER}`, 'www.example.test')) === '203.0.113.5');
});

afterAll(() => mesh?.close());

const resolvConf = () => readFileSync(laptop.host.resolvConf, 'utf8');
const dig = async (...words: string[]) => (await laptop.host.run('dig', ['+time=5', '+tries=4', ...words])).stdout;
const answers = async (...words: string[]) => (await dig('+short', ...words)).trim();

describe('names on a machine with a plain resolv.conf', () => {
  test('a machine is pinged by its name', async () => {
    await until(
      'a ping by name',
      async () => (await laptop.host.run('ping', ['-c', '1', '-W', '1', 'my-server'])).code === 0,
    );
    expect(resolvConf()).toMatch(/^nameserver 100\.100\.100\.100$/m);
    expect(resolvConf()).toMatch(/^search \S+\.netfold\.internal$/m);
    expect(resolvConf()).toMatch(/^options timeout:2$/m);
  });

  test('dig sees addresses, their names, what there is not, and over TCP the same', async () => {
    const [v4 = '', v6 = ''] = serverIps;
    const name = (await answers('-x', v4)).replace(/\.$/, '');
    expect(name).toMatch(/^my-server\.\S+\.netfold\.internal$/);
    expect(await answers('+search', 'my-server', 'A')).toBe(v4);
    expect(await answers(name, 'AAAA')).toBe(v6);
    expect(await answers('-x', v6)).toBe(`${name}.`);
    expect(await answers('+tcp', name, 'A')).toBe(v4);
    expect(await dig(name.replace('my-server', 'nobody'))).toMatch(/status: NXDOMAIN[\s\S]*SOA/);
    expect(await dig(name, 'MX')).toMatch(/status: NOERROR[\s\S]*ANSWER: 0/);
  });

  test('other names are found where they were found before; long answers come over TCP', async () => {
    expect(await answers('www.example.test')).toBe('203.0.113.5');
    expect(await dig('gone.example.test')).toMatch(/status: NXDOMAIN/);
    expect((await answers('long.example.test', 'TXT')).split('\n')).toHaveLength(12);
    expect(await dig('+ignore', 'long.example.test', 'TXT')).toMatch(/flags:[^;]* tc/);
  });

  test('extra records and nameservers for single domains come from the tailnet', async () => {
    await mesh.admin(['dns', 'record', 'add', 'db.corp.test', 'A', '10.1.2.3']);
    await until('the record', async () => (await answers('db.corp.test')) === '10.1.2.3');
    await mesh.admin(['dns', 'set', '--nameservers', '10.9.0.99']);
    await mesh.admin(['dns', 'split', 'example.test', NAMESERVER]);
    await until('only this domain', async () => (await answers('www.example.test')) === '203.0.113.5');
    await mesh.admin(['dns', 'set', '--nameservers', '']);
  });

  test('a machine that gets another name is found under it', async () => {
    await mesh.admin(['node', 'rename', 'my-server', 'web']);
    await until('the new name', async () => (await answers('+search', 'web')) === serverIps[0]);
    await until('the old one gone', async () => (await answers('+search', 'my-server')) === '');
  });

  test('another network writes its own file: names are found as before, and its nameserver is asked', async () => {
    writeFileSync(laptop.host.resolvConf, `nameserver 10.9.0.54\nnameserver ${NAMESERVER}\n`);
    await until('ours again', async () => resolvConf().includes('100.100.100.100'));
    await until('the name', async () => (await answers('+search', 'web')) === serverIps[0]);
    writeFileSync(laptop.host.resolvConf, BEFORE);
    await until('ours again', async () => resolvConf().includes('100.100.100.100'));
    await until('the nameserver', async () => (await answers('www.example.test')) === '203.0.113.5');
  });

  test('what was there before comes back: when it goes down, when it is told so, and after a crash', async () => {
    await laptop.host.netfold(['set', '--no-accept-dns']);
    expect(resolvConf()).toBe(BEFORE); // a setting is true when the command returns
    await laptop.host.netfold(['set', '--accept-dns']);
    expect(resolvConf()).not.toBe(BEFORE);
    await laptop.agent.stop('SIGKILL');
    expect(resolvConf()).not.toBe(BEFORE);
    laptop.agent = mesh.startAgent(laptop.host);
    await until('names again', async () => (await answers('+search', 'web')) === serverIps[0]);
    expect((await laptop.host.netfold(['down'])).code).toBe(0);
    expect(resolvConf()).toBe(BEFORE);
  });
});
