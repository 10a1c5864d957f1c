/** Which names the host is to ask us about. */
export interface ResolverSettings {
  /** The address that we answer at. */
  readonly nameserver: string;
  /** What is tried behind a name without dots, in this order. */
  readonly searchDomains: readonly string[];
  /** Only names in these domains come to us, where the host can tell them apart; undefined: all names. */
  readonly domains: readonly string[] | undefined;
}

/** The host's own way of finding names, which we take part in and leave as we found it. */
export interface SystemResolver {
  /** As status shows it. */
  readonly kind: 'systemd-resolved' | 'resolvconf' | 'resolv.conf';
  /** Whom the host asks, or asked before us. */
  upstreams(): Promise<readonly string[]>;
  /** Takes part, from now on like this. */
  apply(settings: ResolverSettings): Promise<void>;
  /**
   * Tells when somebody else has taken our place, as a DHCP client does on another network; `apply` takes it back.
   * @returns what ends the watch
   */
  watch?(taken: () => void): () => void;
  /** Leaves everything as it was; also what an earlier process left behind that could not. */
  restore(): Promise<void>;
}
