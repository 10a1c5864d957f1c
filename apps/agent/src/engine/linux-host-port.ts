import { hasIpv6, InterfaceWatch, LinuxInterface, LinuxTun, SourceNat } from '#host';
import { type Problem, problemOf } from '#kernel';
import { EXIT_ROUTES } from '#plan';
import { DEFAULT_HOST_CHOICES, type HostPort, type HostSettings } from './host-port.js';

const NOTHING: HostSettings = { ...DEFAULT_HOST_CHOICES, addresses: [], routes: [], served: [] };

export interface LinuxHostOptions {
  /** Addresses that are never reached through the tunnel, since the way to it depends on them. */
  readonly bypass: readonly string[];
  /** Whether nothing may leave this machine but through the tunnel, from the first moment on: an exit node is in use. */
  readonly sealed: boolean;
}

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
  readonly bypass: readonly string[];
  #watch: InterfaceWatch | undefined;
  #lost: Problem | undefined;
  #isSealed: boolean;
  #isHandedOver = false;
  /** The prefixes that are forwarded to under their senders' own addresses; undefined when nothing is forwarded. */
  #untouched: string | undefined;

  private constructor(
    readonly tun: T,
    ipv6: boolean,
    { bypass, sealed }: LinuxHostOptions,
  ) {
    this.bypass = bypass;
    this.#isSealed = sealed;
    this.#interface = new LinuxInterface(tun.name, { ipv6 });
    this.#nat = new SourceNat(tun.name);
  }

  /** @throws NetfoldError `host.need_root`, `host.no_tun`, `host.interface_in_use`, `host.no_ip_tool` */
  static async open(name: string, options: LinuxHostOptions): Promise<LinuxHostPort<LinuxTun>> {
    const lost = { report: (_: Problem): void => {} };
    const tun = await LinuxTun.open({ name, mtu: LINUX_MTU, onFailure: (error) => lost.report(problemOf(error)) });
    const port = await LinuxHostPort.over(tun, options);
    lost.report = (problem) => {
      port.#lost = problem;
    };
    return port;
  }

  /** Takes back what a port has left that was not closed, whose interface is gone. @throws NetfoldError as `close` */
  static async cleanUp(name: string): Promise<void> {
    await new LinuxInterface(name, { ipv6: await hasIpv6() }).remove();
    await new SourceNat(name).disable().catch(() => {}); // without nft there is none
  }

  /**
   * On an interface that is there, and is closed with this port.
   * @throws NetfoldError `host.need_root`, `host.no_ip_tool`; the interface is closed then
   */
  static async over<T extends OwnInterface>(tun: T, options: LinuxHostOptions): Promise<LinuxHostPort<T>> {
    try {
      const port = new LinuxHostPort(tun, await hasIpv6(), options);
      await port.configure({ ...NOTHING, routes: options.sealed ? EXIT_ROUTES : [] });
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

  async configure({ addresses, routes, served, sourceNat, lan, mark }: HostSettings): Promise<void> {
    this.#isSealed = EXIT_ROUTES.some((route) => routes.includes(route));
    if (served.length === 0) await this.#forward(undefined);
    await this.#interface.apply({ addresses, mtu: LINUX_MTU, routes, bypass: this.bypass, lan, mark });
    // Whoever goes to the internet through this machine has an address that nobody there answers to.
    if (served.length > 0)
      await this.#forward(sourceNat ? [] : served.filter((prefix) => !EXIT_ROUTES.includes(prefix)));
  }

  watch(changed: () => void): void {
    this.#watch = new InterfaceWatch(this.tun.name, changed);
  }

  handOver(): void {
    this.#isHandedOver = true;
  }

  async close(): Promise<void> {
    this.#watch?.close();
    const leavesSeal = this.#isHandedOver && this.#isSealed;
    // Each on its own: what one cannot take back is no reason to leave the others.
    const undone = await Promise.allSettled([this.#forward(undefined), leavesSeal || this.#interface.remove()]);
    await this.tun.close();
    for (const result of undone) if (result.status === 'rejected') throw result.reason;
  }

  /** @param untouched undefined when nothing is to be forwarded */
  async #forward(untouched: readonly string[] | undefined): Promise<void> {
    const wanted = untouched?.toSorted().join();
    if (wanted === this.#untouched) return;
    await (untouched ? this.#nat.enable(untouched) : this.#nat.disable());
    this.#untouched = wanted;
  }
}
