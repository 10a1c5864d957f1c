import { forwardingProblems, hasIpv6, LinuxInterface, LinuxTun, reversePathProblem, SourceNat } from '#host';
import { type Problem, problemOf } from '#kernel';
import type { HostPort, HostSettings } from './host-port.js';

const NOTHING: HostSettings = { addresses: [], routes: [], served: [] };

/** 1,500 less the most that WireGuard over IPv6 and a relay or PPPoE link may take; the minimum of IPv6 (RFC 8200, 5). */
export const LINUX_MTU = 1280;

/** An interface that this process has made. */
interface OwnInterface {
  readonly name: string;
  close(): Promise<void>;
}

/** A network interface of this machine, its addresses and routes, and source NAT for what it forwards. Needs root. */
export class LinuxHostPort<T extends OwnInterface> implements HostPort {
  readonly #interface: LinuxInterface;
  readonly #nat: SourceNat;
  #lost: Problem | undefined;
  #forwarding = false;

  private constructor(
    readonly tun: T,
    ipv6: boolean,
    readonly bypass: readonly string[],
  ) {
    this.#interface = new LinuxInterface(tun.name, { ipv6 });
    this.#nat = new SourceNat(tun.name);
  }

  /**
   * @param bypass addresses that are never reached through an exit node, since the way to it depends on them
   * @throws NetfoldError `host.need_root`, `host.no_tun`, `host.interface_in_use`, `host.no_ip_tool`
   */
  static async open(name: string, bypass: readonly string[]): Promise<LinuxHostPort<LinuxTun>> {
    const lost = { report: (_: Problem): void => {} };
    const tun = await LinuxTun.open({ name, mtu: LINUX_MTU, onFailure: (error) => lost.report(problemOf(error)) });
    const port = await LinuxHostPort.over(tun, bypass);
    lost.report = (problem) => {
      port.#lost = problem;
    };
    return port;
  }

  /**
   * On an interface that is there, and is closed with this port.
   * @throws NetfoldError `host.need_root`, `host.no_ip_tool`; the interface is closed then
   */
  static async over<T extends OwnInterface>(tun: T, bypass: readonly string[]): Promise<LinuxHostPort<T>> {
    try {
      const port = new LinuxHostPort(tun, await hasIpv6(), bypass);
      await port.configure(NOTHING);
      await port.#nat.disable().catch(() => {}); // a crash may have left it; without nft there is none
      return port;
    } catch (error) {
      await tun.close();
      throw error;
    }
  }

  get interfaceName(): string {
    return this.tun.name;
  }

  get problem(): Problem | undefined {
    return this.#lost;
  }

  async configure({ addresses, routes, served }: HostSettings): Promise<readonly Problem[]> {
    if (served.length === 0) await this.#forward(false);
    await this.#interface.apply({ addresses, mtu: LINUX_MTU, routes, bypass: this.bypass });
    if (served.length > 0) await this.#forward(true);
    return [...(await forwardingProblems(familiesOf(served))), ...(await exitProblems(routes))];
  }

  async close(): Promise<void> {
    // Each on its own: what one cannot take back is no reason to leave the others.
    const undone = await Promise.allSettled([this.#forward(false), this.#interface.remove()]);
    await this.tun.close();
    for (const result of undone) if (result.status === 'rejected') throw result.reason;
  }

  async #forward(wanted: boolean): Promise<void> {
    if (wanted === this.#forwarding) return;
    await (wanted ? this.#nat.enable() : this.#nat.disable());
    this.#forwarding = wanted;
  }
}

const familiesOf = (prefixes: readonly string[]) => ({
  ipv4: prefixes.some((prefix) => !prefix.includes(':')),
  ipv6: prefixes.some((prefix) => prefix.includes(':')),
});

async function exitProblems(routes: readonly string[]): Promise<Problem[]> {
  const problem = routes.some((prefix) => prefix.endsWith('/0')) ? await reversePathProblem() : undefined;
  return problem ? [problem] : [];
}
