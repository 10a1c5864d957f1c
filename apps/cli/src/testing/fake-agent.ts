import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalRoutes, LocalServer } from '../../../agent/src/local-api/local-server.js';
import type { PeerStatus, SelfStatus, Status } from '../../../agent/src/local-api/status.js';
import { NOW } from './fake-io.js';

/** A place for agents that answer as a test says, one at a time. */
export class FakeAgents {
  #server: LocalServer | undefined;

  private constructor(readonly folder: string) {}

  static async open(): Promise<FakeAgents> {
    return new FakeAgents(await mkdtemp(join(tmpdir(), 'netfold-cli-')));
  }

  get socket(): string {
    return join(this.folder, 'sock');
  }

  /** What a command line needs to find the agent. */
  get env(): Record<string, string> {
    return { NETFOLD_SOCKET: this.socket };
  }

  /** An agent that answers as the test says. */
  async start(routes: LocalRoutes): Promise<{ env: Record<string, string> }> {
    await this.#server?.close();
    this.#server = await LocalServer.listen(this.socket, routes);
    return { env: this.env };
  }

  async close(): Promise<void> {
    await this.#server?.close();
    await rm(this.folder, { recursive: true });
  }
}

export const self: SelfStatus = {
  ID: 'node_1',
  PublicKey: 'nodekey:01',
  HostName: 'laptop',
  DNSName: 'laptop.home.netfold.internal',
  OS: 'linux',
  User: 'alice@example.com',
  Tags: [],
  Groups: ['group:ops'],
  IPs: ['100.64.0.1', 'fd00::1'],
  Addrs: ['192.0.2.1:41641'],
  Online: true,
  AdvertisedRoutes: ['192.168.1.0/24'],
  PrimaryRoutes: [],
  DiscoKey: `discokey:${'2'.repeat(64)}`,
  ExitNodeOption: false,
  Expired: false,
};

/** A peer that may be seen, tagged and idle. */
export const peer = (HostName: string, change: Partial<PeerStatus> = {}): PeerStatus => ({
  ID: `node_${HostName}`,
  PublicKey: `nodekey:${HostName}`,
  HostName,
  DNSName: `${HostName}.home.netfold.internal`,
  OS: 'linux',
  Tags: ['tag:server'],
  Groups: [],
  IPs: ['100.64.0.20', 'fd00::20'],
  Addrs: [],
  Online: true,
  PrimaryRoutes: [],
  AllowedIPs: [],
  CurAddr: '',
  ExitNode: false,
  ExitNodeOption: false,
  RxBytes: 0,
  TxBytes: 0,
  PresharedKey: { State: 'none' },
  Active: false,
  ...change,
});

/** A laptop that sees three others. */
export const status = (change: Partial<Status> = {}): Status => ({
  Version: '0.1.0',
  BackendState: 'Running',
  Ledger: {},
  TUN: true,
  Control: { Connected: true },
  Fallbacks: [],
  Health: [],
  MagicDNSSuffix: 'home.netfold.internal',
  Self: self,
  Peer: Object.fromEntries(
    [
      peer('web-1', { Active: true, CurAddr: '192.0.2.20:41641', TxBytes: 1200, RxBytes: 900 }),
      peer('idle'),
      peer('gone', {
        Online: false,
        LastSeen: new Date(NOW - 3 * 3_600_000).toISOString(),
        Tags: [],
        User: 'bob@example.com',
      }),
    ].map((one) => [one.PublicKey, one]),
  ),
  ...change,
});
