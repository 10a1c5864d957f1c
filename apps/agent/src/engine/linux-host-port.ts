import { hasIpv6, LinuxInterface, LinuxTun, SourceNat } from '#host';
import { type Problem, problemOf } from '#kernel';
import type { HostOperation } from './apply-operation.js';
import type { HostPort } from './host-port.js';

/** 1,500 less the most that WireGuard over IPv6 and a relay or PPPoE link may take; the minimum of IPv6 (RFC 8200, 5). */
const MTU = 1280;

/** A network interface of this machine, its addresses and routes, and source NAT for what it forwards. Needs root. */
export class LinuxHostPort implements HostPort {
  readonly #interface: LinuxInterface;
  readonly #nat: SourceNat;
  #addresses: readonly string[] = [];
  #routes: readonly string[] = [];
  #problem: Problem | undefined;
  #forwarding = false;

  private constructor(
    readonly tun: LinuxTun,
    ipv6: boolean,
  ) {
    this.#interface = new LinuxInterface(tun.name, { ipv6 });
    this.#nat = new SourceNat(tun.name);
  }

  /** @throws NetfoldError `host.need_root`, `host.no_tun`, `host.interface_in_use`, `host.no_ip_tool` */
  static async open(name: string): Promise<LinuxHostPort> {
    const lost = { report: (_: Problem): void => {} };
    const tun = await LinuxTun.open({ name, mtu: MTU, onFailure: (error) => lost.report(problemOf(error)) });
    const port = new LinuxHostPort(tun, await hasIpv6());
    lost.report = (problem) => {
      port.#problem = problem;
    };
    try {
      await port.#configure();
      await port.#nat.disable().catch(() => {}); // a crash may have left it; without nft there is none
      return port;
    } catch (error) {
      await port.tun.close();
      throw error;
    }
  }

  get problem(): Problem | undefined {
    return this.#problem;
  }

  async apply(operation: HostOperation): Promise<void> {
    switch (operation.kind) {
      case 'add-address':
        this.#addresses = [...this.#addresses, operation.address];
        return this.#configure();
      case 'remove-address':
        this.#addresses = this.#addresses.filter((address) => address !== operation.address);
        return this.#configure();
      case 'add-route':
        this.#routes = [...this.#routes, operation.prefix];
        return this.#configure();
      case 'remove-route':
        this.#routes = this.#routes.filter((prefix) => prefix !== operation.prefix);
        return this.#configure();
      case 'set-served':
        return this.#serve(operation.prefixes.length > 0);
      case 'set-dns':
        return; // names are resolved by the local API; the host's resolver is left alone
    }
  }

  async close(): Promise<void> {
    // Each on its own: what one cannot take back is no reason to leave the others.
    const undone = await Promise.allSettled([this.#serve(false), this.#interface.remove()]);
    await this.tun.close();
    for (const result of undone) if (result.status === 'rejected') throw result.reason;
  }

  async #serve(forwarding: boolean): Promise<void> {
    if (forwarding) await this.#nat.enable();
    else if (this.#forwarding) await this.#nat.disable();
    this.#forwarding = forwarding;
  }

  #configure(): Promise<void> {
    return this.#interface.apply({ addresses: this.#addresses, mtu: MTU, routes: this.#routes });
  }
}
