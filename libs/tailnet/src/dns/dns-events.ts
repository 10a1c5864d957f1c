import type { DnsSettings } from './dns-settings.js';

export interface DnsEvents {
  /** All of the DNS settings, not only what changed. */
  DnsConfigured: DnsSettings;
}
