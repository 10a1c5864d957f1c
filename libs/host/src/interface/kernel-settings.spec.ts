import { expect, test } from '@jest/globals';
import { forwardingProblems, hasIpv6, reversePathProblem } from './kernel-settings.js';

const settings =
  (values: Record<string, string>) =>
  async (name: string): Promise<string | undefined> =>
    values[name];

const both = { ipv4: true, ipv6: true };

test('forwarding that is off is a problem for the families that are routed', async () => {
  const wheres = async (families: typeof both, values: Record<string, string>) =>
    (await forwardingProblems(families, settings(values))).map(({ where }) => where);
  expect(await wheres(both, { 'ipv4/ip_forward': '1', 'ipv6/conf/all/forwarding': '1' })).toEqual([]);
  expect(await wheres(both, { 'ipv4/ip_forward': '0' })).toEqual([
    'net.ipv4.ip_forward',
    'net.ipv6.conf.all.forwarding',
  ]);
  expect(await wheres({ ipv4: true, ipv6: false }, { 'ipv4/ip_forward': '1' })).toEqual([]);
  expect(await wheres({ ipv4: false, ipv6: false }, {})).toEqual([]);
});

test('IPv6 is there when nothing switches it off', async () => {
  const [all, fallback] = ['ipv6/conf/all/disable_ipv6', 'ipv6/conf/default/disable_ipv6'];
  expect(await hasIpv6(settings({ [all]: '0', [fallback]: '0' }))).toBe(true);
  expect(await hasIpv6(settings({ [all]: '0', [fallback]: '1' }))).toBe(false);
  expect(await hasIpv6(settings({}))).toBe(false);
});

// The kernel takes the larger of `all` and the interface's own, which begins as `default`.
test.each([
  ['0', '0', undefined],
  ['2', '1', undefined],
  ['0', '2', undefined],
  ['1', '0', 'host.strict_reverse_path'],
  ['0', '1', 'host.strict_reverse_path'],
])('reverse path filters all=%s default=%s', async (all, fallback, code) => {
  const read = settings({ 'ipv4/conf/all/rp_filter': all, 'ipv4/conf/default/rp_filter': fallback });
  expect((await reversePathProblem(read))?.code).toBe(code);
});
