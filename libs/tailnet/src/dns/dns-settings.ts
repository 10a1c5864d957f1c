/** An extra record, beside the nodes' own. */
export interface DnsRecord {
  /** A full domain name without a trailing dot. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'TXT';
  readonly value: string;
}

export interface DnsSettings {
  /** Whether nodes resolve each other's names. */
  readonly magicDns: boolean;
  /** Addresses of the resolvers for everything else; none: the machine's own. */
  readonly nameservers: readonly string[];
  readonly searchDomains: readonly string[];
  /** Domain → addresses of the resolvers for all names below it. */
  readonly splitDns: Readonly<Record<string, readonly string[]>>;
  readonly records: readonly DnsRecord[];
}

export const DEFAULT_DNS: DnsSettings = {
  magicDns: true,
  nameservers: [],
  searchDomains: [],
  splitDns: {},
  records: [],
};

/** Members in a fixed order, so that equal settings are equal texts. */
export const canonicalSettings = ({
  magicDns,
  nameservers,
  searchDomains,
  splitDns,
  records,
}: DnsSettings): DnsSettings => ({
  magicDns,
  nameservers,
  searchDomains,
  splitDns: Object.fromEntries(Object.entries(splitDns).sort(([a], [b]) => (a < b ? -1 : 1))),
  records: records.map(({ name, type, value }) => ({ name, type, value })),
});

export const sameSettings = (a: DnsSettings, b: DnsSettings): boolean =>
  JSON.stringify(canonicalSettings(a)) === JSON.stringify(canonicalSettings(b));
