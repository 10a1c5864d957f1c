import { UserspaceHost, UserspaceTun } from '#host';
import type { HostOperation } from './apply-operation.js';
import type { HostPort } from './host-port.js';

/** Networking inside this process: nothing of the machine is changed, and no root is needed. */
export class UserspaceHostPort implements HostPort {
  readonly tun = new UserspaceTun();
  #addresses: string[] = [];

  /** @param hosts addresses at which machines in memory answer, as if they were behind this node */
  constructor(hosts: readonly string[] = []) {
    for (const address of hosts) this.tun.attach(address, new UserspaceHost({ addresses: [address] }));
  }

  async apply(operation: HostOperation): Promise<void> {
    // There is nothing to route: all that this host sends goes through the tunnel.
    if (operation.kind === 'add-address') this.#addresses = [...this.#addresses, operation.address];
    else if (operation.kind === 'remove-address') {
      this.#addresses = this.#addresses.filter((address) => address !== operation.address);
    } else return;
    this.tun.setAddresses(this.#addresses);
  }

  close(): Promise<void> {
    return this.tun.close();
  }
}
