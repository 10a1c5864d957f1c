import type { Evolvers } from '../evolver.js';
import type { DnsEvents } from './dns-events.js';

export const evolveDns: Evolvers<DnsEvents> = {
  DnsConfigured: (state, { magicDns, nameservers, searchDomains, splitDns, records }, { revision }) => ({
    ...state,
    dns: { magicDns, nameservers, searchDomains, splitDns, records },
    dnsRevision: revision,
  }),
};
