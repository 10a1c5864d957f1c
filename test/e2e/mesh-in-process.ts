import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { freePort } from '#host/testing';
import type { Clock } from '#kernel';
import { type AgentOptions, type RunningAgent, startAgent } from '../../apps/agent/src/index.js';
import type { PingReply, PingRequest, UpRequest } from '../../apps/agent/src/local-api/messages.js';
import type { Status } from '../../apps/agent/src/local-api/status.js';
import { AdminClient } from '../../apps/cli/src/admin/admin-client.js';
import { LocalClient } from '../../apps/cli/src/local/local-client.js';
import { type RunningControl, startControl } from '../../apps/control/src/index.js';

/** One agent with userspace networking, and the client that the command line would use. */
export class TestMachine {
  agent: RunningAgent | undefined;
  readonly client: LocalClient;

  constructor(
    readonly folder: string,
    readonly name: string,
  ) {
    this.client = new LocalClient(join(folder, 'sock'));
  }

  /** @param options beyond where its files are */
  async start(options: Partial<AgentOptions> = {}): Promise<void> {
    const files = { stateDir: join(this.folder, 'state'), socket: this.client.socketPath };
    this.agent = await startAgent({ ...options, ...files });
  }

  async stop(): Promise<void> {
    await this.agent?.stop();
    this.agent = undefined;
  }

  status(): Promise<Status> {
    return this.client.call<Status>('GET /status');
  }

  up(request: UpRequest): Promise<Status> {
    return this.client.call<Status>('POST /up', request);
  }

  /** Whether an answer came, for each echo request; a target that nobody has is none. */
  async ping(target: string, request: Omit<PingRequest, 'target'> = {}): Promise<boolean[]> {
    const outcomes: boolean[] = [];
    const never = new AbortController().signal;
    const lines = this.client.lines<PingReply>('POST /ping', { target, timeout: 20_000, ...request }, never);
    for await (const { rtt } of lines) outcomes.push(rtt !== undefined);
    return outcomes;
  }
}

/** A control plane and agents, all in this process, over real sockets on loopback. */
export class MeshInProcess {
  readonly machines: TestMachine[] = [];

  private constructor(
    readonly folder: string,
    public control: RunningControl,
    readonly admin: AdminClient,
    private readonly clock: Clock | undefined,
  ) {}

  /** @param clock the control plane's; the system's when absent */
  static async start(clock?: Clock): Promise<MeshInProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'netfold-e2e-'));
    const control = await boot(folder, await freePort(), await freePort(), clock);
    const admin = new AdminClient({ server: control.httpUrl, token: control.adminToken ?? '' });
    return new MeshInProcess(folder, control, admin, clock);
  }

  /** A machine that has joined. */
  async join(name: string, wish: object = { user: 'admin@netfold.internal' }): Promise<TestMachine> {
    const machine = new TestMachine(join(this.folder, name), name);
    this.machines.push(machine);
    await machine.start();
    await machine.up({
      serverUrl: this.control.httpUrl,
      authKey: await this.authKey(wish),
      hostname: name,
      userspace: true,
    });
    return machine;
  }

  async authKey(wish: object): Promise<string> {
    return (await this.admin.call<{ key: string }>('POST /auth-keys', { body: wish })).key;
  }

  /** Starts the control plane again where it was. */
  async restartControl(): Promise<void> {
    const { httpUrl, grpcAddress } = this.control;
    this.control = await boot(this.folder, portOf(httpUrl), portOf(`http://${grpcAddress}`), this.clock);
  }

  async close(): Promise<void> {
    for (const machine of this.machines) await machine.stop();
    await this.control.close();
    await rm(this.folder, { recursive: true });
  }
}

const portOf = (url: string): number => Number(new URL(url).port);

const boot = (folder: string, http: number, grpc: number, clock: Clock | undefined): Promise<RunningControl> =>
  startControl({
    stateDir: join(folder, 'server'),
    http: { host: '127.0.0.1', port: http },
    grpc: { host: '127.0.0.1', port: grpc },
    logger: pino({ level: 'silent' }),
    ...(clock && { clock }),
  });

/** Waits until something holds; a test that waits for ever fails by its own deadline. */
export async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
