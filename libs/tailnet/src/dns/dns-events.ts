import { flag, listOf, oneOf, recordOf, type Shapes, shaped, text } from '../shape.js';
import type { DnsSettings } from './dns-settings.js';

export interface DnsEvents {
  /** All of the DNS settings, not only what changed. */
  DnsConfigured: DnsSettings;
}

export const DNS_EVENTS: Shapes<DnsEvents> = {
  DnsConfigured: {
    magicDns: flag,
    nameservers: listOf(text),
    searchDomains: listOf(text),
    splitDns: recordOf(listOf(text)),
    records: listOf(shaped({ name: text, type: oneOf('A', 'AAAA', 'CNAME', 'TXT'), value: text })),
  },
};
