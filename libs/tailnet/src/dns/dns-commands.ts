import type { DnsSettings } from './dns-settings.js';

export interface DnsCommands {
  /** Replaces all of the DNS settings. */
  ConfigureDns: DnsSettings;
}
