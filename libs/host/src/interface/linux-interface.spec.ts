import { expect, test } from '@jest/globals';
import { LinuxInterface } from './linux-interface.js';
import type { RunCommand } from './run-command.js';
import { SourceNat } from './source-nat.js';

/** An `ip` that knows one new interface, and notes the changes that it is told to make. */
function fakeIp(answers: Record<string, unknown> = {}) {
  const batches: string[] = [];
  const run: RunCommand = async (_command, words, input) => {
    const line = words.join(' ');
    if (line.endsWith('-batch -')) batches.push(`${line}\n${input}`);
    const answer = Object.entries(answers).find(([part]) => line.includes(part))?.[1];
    if (answer) return JSON.stringify(answer);
    return line.includes('address show') ? JSON.stringify([{ mtu: 1500, flags: [], addr_info: [] }]) : '';
  };
  return { batches, run };
}

const RULES =
  'rule add priority 5269 lookup main suppress_prefixlength 7\nrule add priority 5270 not fwmark 28262 lookup 28262\n';

test('a new interface gets addresses before it gets the routes that use them, a family at a time', async () => {
  const { batches, run } = fakeIp();
  const settings = { addresses: ['100.64.0.1/32', 'fd7a::1/128'], mtu: 1280, routes: ['fd7a::/48', '100.64.0.0/10'] };
  await new LinuxInterface('nf0', { run }).apply(settings);
  expect(batches).toEqual([
    '-4 -batch -\nlink set dev nf0 mtu 1280 up\naddress add 100.64.0.1/32 dev nf0\n' +
      `route add 100.64.0.0/10 dev nf0 table 28262 proto static\n${RULES}`,
    `-6 -batch -\naddress add fd7a::1/128 dev nf0\nroute add fd7a::/48 dev nf0 table 28262 proto static\n${RULES}`,
  ]);
});

test('a default route comes with rules that keep the tunnel’s own packets out of it', async () => {
  const { batches, run } = fakeIp();
  const settings = { addresses: [], mtu: 1500, routes: ['0.0.0.0/0'], bypass: ['198.51.100.7'], lan: false, mark: 7 };
  await new LinuxInterface('nf0', { run }).apply(settings);
  expect(batches).toEqual([
    '-4 -batch -\nlink set dev nf0 up\nroute add 0.0.0.0/0 dev nf0 table 28262 proto static\n' +
      'route add unreachable default metric 65535 table 28262\n' +
      'rule add priority 5267 to 198.51.100.7/32 lookup main\n' +
      'rule add priority 5270 not fwmark 7 lookup 28262\n',
  ]);
});

const TUNNEL_RULE = { priority: 5270, not: null, fwmark: '0x6e66', table: '28262' };

test('removal takes only its own rules away', async () => {
  const rules = [{ priority: 0 }, { priority: 5267, dst: '198.51.100.7' }, TUNNEL_RULE, { priority: 32766 }];
  const { batches, run } = fakeIp({ '-4 -json rule show': rules });
  await new LinuxInterface('nf0', { run }).remove();
  expect(batches).toEqual([
    '-4 -batch -\nrule delete priority 5267 to 198.51.100.7/32 lookup main\n' +
      'rule delete priority 5270 not fwmark 28262 lookup 28262\n',
  ]);
});

test('a bad prefix is refused before anything is changed', async () => {
  const { batches, run } = fakeIp();
  const bad = { addresses: ['100.64.0.1/32'], mtu: 1280, routes: ['10.0.0.0/33'] };
  await expect(new LinuxInterface('nf0', { run }).apply(bad)).rejects.toMatchObject({ code: 'net.bad_prefix' });
  expect(batches).toEqual([]);
});

test('source NAT replaces its table in one step, and takes no other away', async () => {
  const calls: string[] = [];
  const run: RunCommand = async (_command, words) => {
    calls.push(words.join(' '));
    return '';
  };
  const nat = new SourceNat('nf0', { run });
  await nat.enable();
  await nat.disable();
  const [enabled, disabled] = calls.map((call) => JSON.parse(call.slice('-j '.length)).nftables);
  const table = { table: { family: 'inet', name: 'nf0' } };
  expect(enabled.slice(0, 3)).toEqual([{ add: table }, { delete: table }, { add: table }]);
  expect(disabled).toEqual([{ add: table }, { delete: table }]);
});
