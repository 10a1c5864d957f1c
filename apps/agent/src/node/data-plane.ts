import { InlineDataPath } from '#dataplane';
import { EngineRuntime } from '../engine/engine-runtime.js';
import { Pinger } from '../engine/pinger.js';
import { Tunnel } from '../engine/tunnel.js';
import type { KeyStore } from '../state/key-store.js';
import { hostChoices, type Preferences } from '../state/preferences.js';
import type { Carrier } from './carrier.js';
import type { NodePorts } from './node-ports.js';

/** What carries packets: socket, interface, engine and filter. */
export class DataPlane {
  readonly tunnel: Tunnel;
  readonly engine: EngineRuntime;
  readonly pinger: Pinger;

  private constructor(
    ports: NodePorts,
    readonly carrier: Carrier,
    preferences: Preferences,
  ) {
    this.tunnel = new Tunnel(carrier.path, ports.monotonic);
    this.engine = new EngineRuntime(this.tunnel, carrier.host, hostChoices(preferences));
    this.pinger = new Pinger(this.tunnel, ports.random);
  }

  /** @throws NetfoldError when the interface cannot be made; nothing is left behind then */
  static async open(ports: NodePorts, keys: KeyStore, preferences: Preferences, agentUrl: string): Promise<DataPlane> {
    const fast = await ports.openFastCarrier?.(preferences, agentUrl);
    const carrier =
      fast && 'path' in fast ? fast : { ...(await openCarrier(ports, preferences, agentUrl)), threadProblem: fast };
    const plane = new DataPlane(ports, carrier, preferences);
    plane.tunnel.engine.setPrivateKey(keys.node.privateKey);
    // A rotation that a crash cut short: peers may know either key.
    if (keys.next)
      plane.tunnel.engine.rotatePrivateKey(plane.tunnel.now, keys.next.privateKey, Number.POSITIVE_INFINITY);
    return plane;
  }

  async close(): Promise<void> {
    this.pinger.close();
    await this.engine.close();
    await this.carrier.close();
  }
}

/** The way that works everywhere. */
async function openCarrier(ports: NodePorts, preferences: Preferences, agentUrl: string): Promise<Carrier> {
  const udp = await ports.openUdp(preferences);
  try {
    const host = await ports.openHost(preferences, agentUrl);
    const path = new InlineDataPath({ ...ports, udp, tun: host.tun });
    const close = async () => {
      await Promise.all([path.close(), udp.close()]);
      await host.close();
    };
    return { path, host, close };
  } catch (error) {
    await udp.close();
    throw error;
  }
}
