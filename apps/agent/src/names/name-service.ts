import { Resolver, Zone } from '#dns';
import { DnsServer, NameserverClient, type SystemResolver } from '#host';
import { type Clock, NetfoldError, type Problem, problemOf } from '#kernel';
import type { DnsItem, Netmap, PeerItem, SelfItem } from '#netmap';
import { RESOLVER_ADDRESS } from '#plan';
import { ExitNames } from './exit-names.js';
import { isOfInternet } from './of-internet.js';
import { reverseDomains, TAILNET_IPV4, ulaOf } from './reverse-domains.js';

const DNS_PORT = 53;

/** What names are found with. */
export interface NamePorts {
  readonly clock: Clock;
  /** The host's own way of finding names. */
  readonly system: SystemResolver;
  /** Resolves when the host has the addresses that it is to have. */
  readonly addressed: () => Promise<void>;
}

/** As status shows it. */
export interface NameStatus {
  /** Who sends this host's questions to us. */
  readonly via: SystemResolver['kind'];
  /** Who is asked about names that are not the tailnet's. */
  readonly nameservers: readonly string[];
}

/** The node through which everything goes, the questions about names, too. */
export interface ExitInUse {
  /** Where it answers them; undefined while it is not there. */
  readonly address: string | undefined;
}

type Named = SelfItem | PeerItem;

/** Answers this host's questions about names: those of the tailnet out of the netmap, others as the tailnet says. */
export class NameService {
  readonly #resolver: Resolver;
  readonly #nameservers: NameserverClient;
  readonly #forOthers: ExitNames;
  /** Whose names are in the zone. */
  #named: ReadonlyMap<string, Named> = new Map();
  #wanted: DnsItem | undefined;
  #exit: ExitInUse | undefined;
  #self: SelfItem | undefined;
  #turn: Promise<void> = Promise.resolve();
  #server: DnsServer | undefined;
  #status: NameStatus | undefined;
  #problem: Problem | undefined;
  #unwatch: (() => void) | undefined;

  constructor(private readonly ports: NamePorts) {
    this.#nameservers = new NameserverClient((name) => this.#addressOf(name));
    this.#forOthers = new ExitNames(ports);
    const exchange = (nameserver: string, question: Uint8Array) => this.#nameservers.ask(nameserver, question);
    this.#resolver = new Resolver(new Zone(), { clock: ports.clock, exchange });
  }

  /** Undefined while this host finds names by itself. */
  get status(): NameStatus | undefined {
    return this.#status;
  }

  /** Why names are not found as they should be, if that is so. */
  get problem(): Problem | undefined {
    return this.#problem ?? this.#forOthers.problem;
  }

  /**
   * Takes the newest netmap.
   * @param dns how names are to be found; undefined leaves the host's way alone
   * @param exit while everything goes through an exit node
   */
  follow(netmap: Netmap, dns: DnsItem | undefined, exit?: ExitInUse): void {
    this.#name(dns?.enabled ? netmap : new Map());
    const isNew = dns !== this.#wanted || !exit !== !this.#exit || exit?.address !== this.#exit?.address;
    this.#wanted = dns;
    this.#exit = exit;
    if (isNew) this.#turn = this.#turn.then(() => this.#bring(dns));
    this.#forOthers.follow(selfIn(netmap), dns);
  }

  /** Resolves when the host finds names as was asked for last. */
  settled(): Promise<void> {
    return this.#turn;
  }

  /** Leaves the host as it was. */
  async close(): Promise<void> {
    this.#wanted = undefined;
    this.#turn = this.#turn.then(() => this.#bring(undefined));
    await Promise.all([this.#turn, this.#forOthers.close()]);
    this.#nameservers.close();
  }

  /** Items that did not change are the same objects: only what changed costs anything. */
  #name(netmap: Netmap): void {
    const named = new Map<string, Named>();
    for (const item of netmap.values()) {
      if (item.kind !== 'peer' && item.kind !== 'self') continue;
      named.set(item.id, item);
      if (item.kind === 'self') this.#self = item;
      if (this.#named.get(item.id) === item) continue;
      this.#resolver.zone.put({ id: item.id, dnsName: item.dnsName, addresses: [item.ipv4, item.ipv6] });
    }
    for (const id of this.#named.keys()) if (!named.has(id)) this.#resolver.zone.remove(id);
    this.#named = named;
  }

  /** What somebody else has written is what was there before us now. */
  #again(): void {
    const dns = this.#wanted;
    if (dns) this.#turn = this.#turn.then(() => this.#bring(dns));
  }

  async #bring(dns: DnsItem | undefined): Promise<void> {
    if (dns !== this.#wanted) return; // there is something newer, in a turn of its own
    try {
      await (dns ? this.#serve(dns) : this.#leave());
      this.#problem = undefined;
    } catch (error) {
      this.#problem = problemOf(error);
    }
  }

  async #serve(dns: DnsItem): Promise<void> {
    const { system, addressed } = this.ports;
    const ula = this.#self ? [ulaOf(this.#self.ipv6)] : [];
    const { enabled, domain, records } = dns;
    const own = { domain, records, prefixes: [TAILNET_IPV4, ...ula] };
    this.#resolver.zone.configure(enabled ? own : { domain: '', prefixes: [], records: [] });
    const exit = this.#exit;
    const nameservers = dns.nameservers.length > 0 ? dns.nameservers : await this.#upstreams();
    this.#resolver.route({ nameservers, domains: dns.routes });
    await addressed();
    this.#server ??= await DnsServer.listen({ address: RESOLVER_ADDRESS, port: DNS_PORT }, (message, transport) =>
      this.#resolver.answer(message, transport),
    );
    const searchDomains = [...(enabled ? [domain] : []), ...dns.searchDomains];
    const ours = [...(enabled ? [domain, ...reverseDomains(ula)] : []), ...dns.routes.map((route) => route.domain)];
    // Where the tailnet names nameservers for everything, or nothing is to be asked at home, everything comes to us.
    const domains = dns.nameservers.length > 0 || exit ? undefined : [...new Set([...ours, ...dns.searchDomains])];
    await system.apply({ nameserver: RESOLVER_ADDRESS, searchDomains, domains });
    this.#unwatch ??= system.watch?.(() => this.#again());
    this.#status = { via: system.kind, nameservers };
  }

  async #leave(): Promise<void> {
    this.#status = undefined;
    this.#unwatch?.();
    this.#unwatch = undefined;
    await this.ports.system.restore();
    await this.#server?.close();
    this.#server = undefined;
  }

  /** Whom this host asked before, as far as they can be asked now. */
  async #upstreams(): Promise<readonly string[]> {
    const before = (await this.ports.system.upstreams()).filter((one) => one !== RESOLVER_ADDRESS);
    const exit = this.#exit;
    return exit ? [...before.filter(isOfInternet), ...(exit.address ? [exit.address] : [])] : before;
  }

  /** Of a nameserver over HTTPS: asked of the plain ones, since it cannot be asked about itself. */
  async #addressOf(name: string): Promise<string> {
    for (const nameserver of await this.#upstreams()) {
      const found = await this.#nameservers.lookUp(nameserver, name);
      if (found) return found;
    }
    throw new NetfoldError({
      code: 'dns.no_bootstrap',
      message: `the address of the nameserver ${name} cannot be found`,
      where: name,
      hint: 'name it by its address, as in https://9.9.9.9/dns-query',
    });
  }
}

function selfIn(netmap: Netmap): SelfItem | undefined {
  for (const item of netmap.values()) if (item.kind === 'self') return item;
  return undefined;
}
