import { UserspaceForwarder, UserspaceHost, UserspaceTun } from '#host';
import type { Problem } from '#kernel';
import type { HostSettings, PacketHost } from './host-port.js';

/** Networking inside this process: nothing of the machine is changed, and no root is needed. */
export class UserspaceHostPort implements PacketHost {
  readonly tun = new UserspaceTun();
  readonly #forwarder = new UserspaceForwarder();
  #served: readonly string[] = [];

  /** @param hosts addresses at which machines in memory answer, as if they were behind this node */
  constructor(hosts: readonly string[] = []) {
    for (const address of hosts) this.tun.attach(address, new UserspaceHost({ addresses: [address] }));
  }

  /** There is nothing to route: all that this host sends goes through the tunnel. */
  async configure({ addresses, served }: HostSettings): Promise<readonly Problem[]> {
    for (const prefix of this.#served) if (!served.includes(prefix)) this.tun.detach(prefix);
    for (const prefix of served) if (!this.#served.includes(prefix)) this.tun.attach(prefix, this.#forwarder);
    this.#served = served;
    this.tun.setAddresses(addresses);
    return [];
  }

  async close(): Promise<void> {
    await this.tun.close();
    await this.#forwarder.close();
  }
}
