import type { Problem } from '#kernel';
import { prefixContainsAddress, tryParseAddress } from '#net';
import { ALREADY_SO, type Deciders, record, reject } from '../decider.js';
import { RESERVED } from '../nodes/addresses.js';
import type { DnsCommands } from './dns-commands.js';
import { canonicalSettings, type DnsRecord, type DnsSettings, sameSettings } from './dns-settings.js';
import { badDomain } from './domain-name.js';

export const decideDns: Deciders<DnsCommands> = {
  ConfigureDns: ({ dns }, wanted) => {
    const problem = firstOf(problemsOf(wanted));
    if (problem) return reject(problem);
    const settings = canonicalSettings(wanted);
    return sameSettings(settings, dns) ? ALREADY_SO : record('DnsConfigured', settings);
  },
};

function* problemsOf({ nameservers, searchDomains, splitDns, records }: DnsSettings): Iterable<Problem | undefined> {
  for (const [i, address] of nameservers.entries()) yield badNameserver(address, `nameservers[${i}]`);
  for (const [i, domain] of searchDomains.entries()) yield badDomain(domain, `searchDomains[${i}]`);
  for (const [domain, addresses] of Object.entries(splitDns)) {
    yield badDomain(domain, 'splitDns');
    for (const [i, address] of addresses.entries()) yield badNameserver(address, `splitDns.${domain}[${i}]`);
  }
  for (const [i, extra] of records.entries()) {
    yield badDomain(extra.name, `records[${i}].name`);
    yield badValue(extra, `records[${i}].value`);
  }
}

function firstOf(problems: Iterable<Problem | undefined>): Problem | undefined {
  for (const problem of problems) if (problem) return problem;
  return undefined;
}

/** An address, or the URL of a resolver over HTTPS (RFC 8484). */
function badNameserver(text: string, where: string): Problem | undefined {
  if (/^https:\/\/[^\s@]{1,200}$/.test(text) && URL.canParse(text)) return undefined;
  const parsed = tryParseAddress(text);
  if (parsed && RESERVED.some((prefix) => prefixContainsAddress(prefix, parsed))) {
    const message = `${text} is where each machine answers itself: it would ask in a circle`;
    return { code: 'dns.circle', message, where, hint: 'name the resolver that knows the answers' };
  }
  const problem = badAddress(text, where);
  return problem && { ...problem, hint: 'write an address, or the URL of a resolver: https://9.9.9.9/dns-query' };
}

function badAddress(address: string, where: string, length?: number): Problem | undefined {
  const parsed = tryParseAddress(address);
  if (parsed && (length === undefined || parsed.length === length)) return undefined;
  const family = length === undefined ? 'IP' : length === 4 ? 'IPv4' : 'IPv6';
  return { code: 'dns.bad_address', message: `${JSON.stringify(address)} is not an ${family} address`, where };
}

/** RFC 1035, 3.3 and RFC 3596, 2.2; a text record as one character string. */
function badValue({ type, value }: DnsRecord, where: string): Problem | undefined {
  switch (type) {
    case 'A':
      return badAddress(value, where, 4);
    case 'AAAA':
      return badAddress(value, where, 16);
    case 'CNAME':
      return badDomain(value, where);
    case 'TXT':
      if (value.length <= 255) return undefined;
      return { code: 'dns.bad_text', message: 'a text record holds at most 255 characters', where };
  }
}
