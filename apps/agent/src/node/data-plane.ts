import type { UdpSocket } from '#host';
import { EngineRuntime } from '../engine/engine-runtime.js';
import type { HostPort } from '../engine/host-port.js';
import { Pinger } from '../engine/pinger.js';
import { Tunnel } from '../engine/tunnel.js';
import type { KeyStore } from '../state/key-store.js';
import type { Preferences } from '../state/preferences.js';
import type { NodePorts } from './node-ports.js';

/** What carries packets: socket, interface, engine and filter. */
export class DataPlane {
  readonly tunnel: Tunnel;
  readonly engine: EngineRuntime;
  readonly pinger: Pinger;

  private constructor(
    ports: NodePorts,
    readonly udp: UdpSocket,
    readonly host: HostPort,
  ) {
    this.tunnel = new Tunnel({ ...ports, udp, tun: host.tun });
    this.engine = new EngineRuntime(this.tunnel, host);
    this.pinger = new Pinger(this.tunnel, ports.random);
  }

  /** @throws NetfoldError when the interface cannot be made; nothing is left behind then */
  static async open(ports: NodePorts, keys: KeyStore, preferences: Preferences, agentUrl: string): Promise<DataPlane> {
    const udp = await ports.openUdp(preferences);
    try {
      const plane = new DataPlane(ports, udp, await ports.openHost(preferences, agentUrl));
      plane.tunnel.engine.setPrivateKey(keys.node.privateKey);
      // A rotation that a crash cut short: peers may know either key.
      if (keys.next)
        plane.tunnel.engine.rotatePrivateKey(plane.tunnel.now, keys.next.privateKey, Number.POSITIVE_INFINITY);
      return plane;
    } catch (error) {
      await udp.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.tunnel.close();
    this.pinger.close();
    await this.engine.settled();
    await this.udp.close();
    await this.host.close();
  }
}
