import { join } from 'node:path';
import { makeCertificate } from './certificate.js';
import type { Host, Running } from './host.js';
import { Lab } from './lab.js';
import { until } from './until.js';

const SERVER = '10.9.0.1';
const PORT = 8443;

/** One machine of the mesh: a host with an agent. */
export interface Machine {
  readonly host: Host;
  agent: Running;
}

/** A control plane and machines, each in a network namespace, joined by real TUN devices. */
export class Mesh {
  private token = '';

  private constructor(
    readonly lab: Lab,
    readonly server: Host,
    readonly certificate: { cert: string; key: string },
    public control: Running,
  ) {}

  static async open(): Promise<Mesh> {
    const lab = Lab.open();
    const server = lab.host('server', `${SERVER}/24`);
    const certificate = makeCertificate(lab.folder, SERVER);
    const mesh = new Mesh(lab, server, certificate, Mesh.startControl(server, certificate));
    mesh.token = await until('the admin token', async () => /\bnfa_\S+/.exec(mesh.control.output())?.[0]);
    await mesh.ready();
    return mesh;
  }

  close(): Promise<void> {
    return this.lab.close();
  }

  /** An admin's command on the server's own host; its standard output. */
  async admin(words: readonly string[], input?: string): Promise<string> {
    const env = {
      NETFOLD_SERVER: `https://${SERVER}:${PORT}`,
      NETFOLD_TOKEN: this.token,
      NODE_EXTRA_CA_CERTS: this.certificate.cert,
    };
    const ran = await this.server.netfold(words, { env, ...(input !== undefined && { input }) });
    if (ran.code !== 0) throw new Error(`netfold ${words.join(' ')} failed:\n${ran.stderr}${ran.stdout}`);
    return ran.stdout;
  }

  /** A machine that has joined, its agent running as root with a TUN device. */
  async join(host: Host, upWords: readonly string[] = [], keyWords: readonly string[] = []): Promise<Machine> {
    const machine: Machine = { host, agent: this.startAgent(host) };
    const { key } = JSON.parse(await this.admin(['key', 'create', '--json', ...keyWords])) as { key: string };
    await until(`the agent of ${host.name}`, async () => machine.agent.output().includes('listening at'));
    const words = ['up', '--server', `https://${SERVER}:${PORT}`, '--hostname', host.name, ...upWords];
    const ran = await host.netfold(words, { env: { NETFOLD_AUTH_KEY: key } });
    if (ran.code !== 0) throw new Error(`${host.name} could not join:\n${ran.stderr}${machine.agent.output()}`);
    return machine;
  }

  startAgent(host: Host, words: readonly string[] = []): Running {
    return host.startNetfold('agent', ['agent', '--state-dir', join(host.folder, 'agent'), ...words], {
      NODE_EXTRA_CA_CERTS: this.certificate.cert,
    });
  }

  async killControl(): Promise<void> {
    await this.control.stop('SIGKILL');
  }

  async restartControl(): Promise<void> {
    this.control = Mesh.startControl(this.server, this.certificate);
    await this.ready();
  }

  private async ready(): Promise<void> {
    await until('the control plane', async () => (await this.admin(['node', 'list', '--json'])) !== '');
  }

  private static startControl(host: Host, { cert, key }: { cert: string; key: string }): Running {
    const words = [
      '--listen',
      `${SERVER}:${PORT}`,
      '--listen-agents',
      `${SERVER}:50443`,
      '--tls-cert',
      cert,
      '--tls-key',
      key,
    ];
    return host.startNetfold('server', ['server', '--state-dir', join(host.folder, 'control'), ...words]);
  }
}

interface PeerSeen {
  HostName: string;
  PublicKey: string;
  IPs: string[];
  RxBytes: number;
  ExitNodeOption: boolean;
}

/** What a machine says of itself. */
export async function statusOf(machine: Machine): Promise<{
  BackendState: string;
  Control: { Connected: boolean; Revision?: number };
  DataPath: { kind: string; crypto: string };
  Fallbacks: string[];
  Uapi?: { Socket?: string; PeersByHand: number };
  Self: { IPs: string[]; PublicKey: string; AdvertisedRoutes: string[]; PrimaryRoutes: string[] };
  Peer: Record<string, PeerSeen>;
}> {
  const { stdout, stderr, code } = await machine.host.netfold(['status', '--json']);
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Whether one packet gets there and back through the tunnel. */
export async function reaches(machine: Machine, target: string): Promise<boolean> {
  return (await machine.host.run('ping', ['-n', '-c', '1', '-W', '1', target])).code === 0;
}
