import { describe, expect, test } from '@jest/globals';
import { given } from '../testing/given.js';
import { aTailnet } from '../testing/tailnet-builder.js';
import { DEFAULT_DNS, type DnsSettings } from './dns-settings.js';

const wanted: DnsSettings = {
  magicDns: true,
  nameservers: ['1.1.1.1', '2620:fe::fe'],
  searchDomains: ['corp.example.com'],
  splitDns: { 'b.example.com': ['10.0.0.53'], 'a.example.com': ['10.0.0.53'] },
  records: [
    { name: 'db.corp.example.com', type: 'A', value: '10.0.0.7' },
    { name: 'db.corp.example.com', type: 'AAAA', value: 'fd00::7' },
    { name: 'www.corp.example.com', type: 'CNAME', value: 'db.corp.example.com' },
    { name: '_x.corp.example.com', type: 'TXT', value: 'any text' },
  ],
};

describe('ConfigureDns', () => {
  test('replaces all settings, once', () => {
    const { state } = given(aTailnet())
      .when('ConfigureDns', wanted)
      .thenEvents(['DnsConfigured', wanted])
      .when('ConfigureDns', {
        ...wanted,
        splitDns: { 'a.example.com': ['10.0.0.53'], 'b.example.com': ['10.0.0.53'] },
      })
      .thenNothing();
    expect(state.dns).toEqual(wanted);
  });

  test('what a tailnet starts with is already so', () => {
    given(aTailnet()).when('ConfigureDns', DEFAULT_DNS).thenNothing();
  });

  test.each<[Partial<DnsSettings>, string, string]>([
    [{ nameservers: ['1.1.1.1', 'dns.google'] }, 'dns.bad_address', 'nameservers[1]'],
    [{ nameservers: ['100.100.100.100'] }, 'dns.circle', 'nameservers[0]'],
    [{ splitDns: { 'a.b': ['10.0.0.53', '100.100.100.100'] } }, 'dns.circle', 'splitDns.a.b[1]'],
    [{ searchDomains: ['Corp'] }, 'dns.bad_domain', 'searchDomains[0]'],
    [{ searchDomains: ['corp.'] }, 'dns.bad_domain', 'searchDomains[0]'],
    [{ searchDomains: [`${'a.'.repeat(126)}ab`] }, 'dns.bad_domain', 'searchDomains[0]'],
    [{ splitDns: { 'a b': [] } }, 'dns.bad_domain', 'splitDns'],
    [{ splitDns: { 'a.b': ['x'] } }, 'dns.bad_address', 'splitDns.a.b[0]'],
    [{ records: [{ name: '', type: 'A', value: '1.2.3.4' }] }, 'dns.bad_domain', 'records[0].name'],
    [{ records: [{ name: 'a', type: 'A', value: '::1' }] }, 'dns.bad_address', 'records[0].value'],
    [{ records: [{ name: 'a', type: 'AAAA', value: '1.2.3.4' }] }, 'dns.bad_address', 'records[0].value'],
    [{ records: [{ name: 'a', type: 'CNAME', value: '-' }] }, 'dns.bad_domain', 'records[0].value'],
    [{ records: [{ name: 'a', type: 'TXT', value: 'x'.repeat(256) }] }, 'dns.bad_text', 'records[0].value'],
  ])('%j is refused', (bad, code, where) => {
    given(aTailnet())
      .when('ConfigureDns', { ...wanted, ...bad })
      .thenRejected(code, { where });
  });
});
