import {
  associateThrough,
  dialThrough,
  type Endpoint,
  HttpProxyServer,
  LocalForwarding,
  type ResolveName,
  Socks5Server,
  UserspaceForwarder,
  UserspaceHost,
  UserspaceTun,
} from '#host';
import type { HostSettings, PacketHost } from './host-port.js';

export interface UserspaceOptions {
  /** Addresses at which machines in memory answer, as if they were behind this node. */
  readonly userspaceHosts?: readonly string[];
  /** Where a SOCKS5 proxy into the tailnet listens on this machine. */
  readonly socks5Server?: Endpoint;
  /** Where an HTTP proxy into the tailnet listens on this machine. */
  readonly httpProxy?: Endpoint;
}

/** Networking inside this process: nothing of the machine is changed, and no root is needed. */
export class UserspaceHostPort implements PacketHost {
  readonly tun = new UserspaceTun();
  readonly #forwarder = new UserspaceForwarder();
  readonly #localhost = new LocalForwarding(this.tun);
  readonly #proxies: { close(): Promise<void> }[] = [];
  #resolve: ResolveName = async () => undefined;
  #served: readonly string[] = [];

  constructor(hosts: readonly string[] = []) {
    for (const address of hosts) this.tun.attach(address, new UserspaceHost({ addresses: [address] }));
  }

  /** @throws NetfoldError `proxy.not_loopback`, `proxy.cannot_listen` */
  static async open({ userspaceHosts = [], socks5Server, httpProxy }: UserspaceOptions): Promise<UserspaceHostPort> {
    const port = new UserspaceHostPort(userspaceHosts);
    try {
      await port.#startProxies(socks5Server, httpProxy);
      return port;
    } catch (error) {
      await port.close();
      throw error;
    }
  }

  setResolver(resolve: ResolveName): void {
    this.#resolve = resolve;
  }

  /** There is nothing to route: all that this host sends goes through the tunnel. */
  async configure({ addresses, served }: HostSettings): Promise<void> {
    for (const prefix of this.#served) if (!served.includes(prefix)) this.tun.detach(prefix);
    for (const prefix of served) if (!this.#served.includes(prefix)) this.tun.attach(prefix, this.#forwarder);
    this.#served = served;
    this.tun.setAddresses(addresses);
  }

  async close(): Promise<void> {
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
    await this.#localhost.close();
    await this.tun.close();
    await this.#forwarder.close();
  }

  async #startProxies(socks5: Endpoint | undefined, http: Endpoint | undefined): Promise<void> {
    const resolve: ResolveName = (name) => this.#resolve(name);
    const dial = dialThrough(this.tun.tcp, resolve);
    const associate = associateThrough(() => this.tun.bindUdp(), resolve);
    if (socks5) this.#proxies.push(await Socks5Server.start({ listen: socks5, dial, associate }));
    if (http) this.#proxies.push(await HttpProxyServer.start({ listen: http, dial }));
  }
}
