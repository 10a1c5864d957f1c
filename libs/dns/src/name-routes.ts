/** Whom to ask about which names. */
export interface NameRoutes {
  /** Who knows what no entry of `domains` covers; empty: nobody. */
  readonly nameservers: readonly string[];
  /** Domains with nameservers of their own, who are the only ones to be asked about them. */
  readonly domains: readonly { readonly domain: string; readonly nameservers: readonly string[] }[];
}

/** The nameservers for a name: those of the longest domain that covers it. @param name in lower case, without a trailing dot */
export function nameserversFor({ nameservers, domains }: NameRoutes, name: string): readonly string[] {
  const byDomain = new Map(domains.map((route) => [route.domain.toLowerCase(), route.nameservers]));
  for (let rest = name; rest !== ''; rest = rest.slice(rest.indexOf('.') + 1)) {
    const own = byDomain.get(rest);
    if (own) return own;
    if (!rest.includes('.')) break;
  }
  return nameservers;
}
