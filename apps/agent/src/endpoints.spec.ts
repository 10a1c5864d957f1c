import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from '@jest/globals';
import { localEndpoints } from './endpoints.js';

const at = (address: string, internal = false) => ({ address, internal }) as NetworkInterfaceInfo;

describe('localEndpoints', () => {
  const interfaces = {
    lo: [at('127.0.0.1', true), at('::1', true)],
    eth0: [at('2001:db8::7'), at('192.0.2.7'), at('fe80::1')],
    netfold0: [at('100.64.0.1'), at('fd00::1')],
    gone: undefined,
  };

  it('are the addresses that others can use, IPv4 first', () => {
    expect(localEndpoints(interfaces, 41641, false)).toEqual(['192.0.2.7:41641', '[2001:db8::7]:41641']);
  });

  it('begin with loopback where the others may be on this machine', () => {
    expect(localEndpoints(interfaces, 1, true)).toEqual(['127.0.0.1:1', '192.0.2.7:1', '[2001:db8::7]:1']);
    expect(localEndpoints({}, 1, true)).toEqual(['127.0.0.1:1']);
  });
});
