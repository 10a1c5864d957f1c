import { Resolver, Zone } from '#dns';
import { DnsServer, NameserverClient, type SystemResolver } from '#host';
import { type Clock, NetfoldError, type Problem, problemOf } from '#kernel';
import type { DnsItem, SelfItem } from '#netmap';
import { EXIT_ROUTES, RESOLVER_ADDRESS } from '#plan';

const DNS_PORT = 53;

export interface ExitNamePorts {
  readonly clock: Clock;
  readonly system: Pick<SystemResolver, 'upstreams'>;
  /** Resolves when the host has the addresses that it is to have. */
  readonly addressed: () => Promise<void>;
}

/**
 * Answers questions about names for those who go to the internet through this node: what they would ask at home is out
 * of reach for them, and this host knows whom to ask here. Names of nodes are no part of it. The packet filter decides
 * who may ask.
 */
export class ExitNames {
  readonly #nameservers = new NameserverClient(() => Promise.reject(byName()));
  readonly #resolver: Resolver;
  #wanted: string | undefined;
  #server: DnsServer | undefined;
  #turn: Promise<void> = Promise.resolve();
  #problem: Problem | undefined;

  constructor(private readonly ports: ExitNamePorts) {
    const exchange = (nameserver: string, question: Uint8Array) => this.#nameservers.ask(nameserver, question);
    this.#resolver = new Resolver(new Zone(), { clock: ports.clock, exchange });
  }

  /** Why names are not found for others, if that is so. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  /** Takes what the newest netmap says of this node. */
  follow(self: SelfItem | undefined, dns: DnsItem | undefined): void {
    const isExit = self?.routes.some(({ prefix, approved }) => approved && EXIT_ROUTES.includes(prefix));
    const address = isExit ? self?.ipv4 : undefined;
    const nameservers = dns?.nameservers ?? [];
    const wanted = address && [address, ...nameservers].join(' ');
    if (wanted === this.#wanted) return;
    this.#wanted = wanted;
    this.#turn = this.#turn.then(() => this.#bring(address, nameservers));
  }

  async close(): Promise<void> {
    this.follow(undefined, undefined);
    await this.#turn;
    this.#nameservers.close();
  }

  async #bring(address: string | undefined, named: readonly string[]): Promise<void> {
    try {
      await this.#server?.close();
      this.#server = undefined;
      this.#problem = undefined;
      if (address) await this.#serve(address, named);
    } catch (error) {
      this.#problem = problemOf(error);
    }
  }

  async #serve(address: string, named: readonly string[]): Promise<void> {
    const nameservers = named.length > 0 ? named : await this.ports.system.upstreams();
    this.#resolver.route({ nameservers: nameservers.filter((one) => one !== RESOLVER_ADDRESS), domains: [] });
    await this.ports.addressed();
    this.#server = await DnsServer.listen({ address, port: DNS_PORT }, (message, transport) =>
      this.#resolver.answer(message, transport),
    );
  }
}

const byName = (): NetfoldError =>
  new NetfoldError({ code: 'dns.no_bootstrap', message: 'a nameserver for others is named by its address' });
