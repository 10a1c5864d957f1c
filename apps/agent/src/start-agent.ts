import { hostname, networkInterfaces, platform } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CryptoChoice } from '#crypto';
import { chooseDataPathCrypto, WorkerDataPath } from '#dataplane';
import {
  bootTime,
  EXIT_MARK,
  findSystemResolver,
  NodeUdpSocket,
  StateDirectory,
  systemClock,
  systemRandom,
} from '#host';
import { NetfoldError, type Problem } from '#kernel';
import { AgentClient } from '#wire';
import { controlAddress, discoverAgentUrl } from './control-address.js';
import { Agent } from './daemon/agent.js';
import { openAgentState } from './daemon/agent-state.js';
import { lanAddresses, localEndpoints } from './endpoints.js';
import { LINUX_MTU, LinuxHostPort } from './engine/linux-host-port.js';
import { UserspaceHostPort, type UserspaceOptions } from './engine/userspace-host-port.js';
import { LocalServer } from './local-api/local-server.js';
import { localRoutes } from './local-api/routes.js';
import { AgentMetrics } from './metrics/agent-metrics.js';
import { type MetricsAddress, serveMetrics } from './metrics/serve-metrics.js';
import type { Carrier } from './node/carrier.js';
import type { NodePorts } from './node/node-ports.js';
import { startOrProblem } from './node/start-or-problem.js';
import type { Preferences } from './state/preferences.js';
import { serverAddresses } from './state/server-addresses.js';
import { VERSION } from './version.js';

export interface AgentOptions extends UserspaceOptions {
  /** Holds keys, settings and the last netmap; made on the first start. */
  readonly stateDir: string;
  /** Where the local API listens. */
  readonly socket: string;
  /** The implementation of the ciphers; the fastest that is right when absent. */
  readonly crypto?: CryptoChoice;
  /** Where metrics are served; by default nowhere. */
  readonly metrics?: MetricsAddress;
  /** Whether the control plane is told which flows this machine had; by default it is not. */
  readonly flowLogs?: boolean;
  /** Takes a line about each thing that the operator of a daemon wants to find in its journal. */
  readonly log?: (line: string) => void;
}

export interface RunningAgent {
  readonly socket: string;
  /** Disconnects and takes back every change to the machine. What is wanted stays: the next start connects again. */
  stop(): Promise<void>;
}

/**
 * Starts the node daemon: it connects if it was connected when it stopped, and does what the local API asks.
 * @throws NetfoldError `crypto.unusable`, `agent.already_running`, `agent.cannot_listen`, `agent.state_corrupt`, `host.state_directory`
 */
export async function startAgent(options: AgentOptions): Promise<RunningAgent> {
  const directory = await StateDirectory.open(options.stateDir);
  const { crypto, outcomes } = chooseDataPathCrypto(options.crypto);
  const ports = { ...nodePorts(directory, crypto, options), cryptos: outcomes };
  const agent = new Agent(ports, await openAgentState(directory, crypto, ports, process.getuid?.() !== 0));
  const server = await LocalServer.listen(options.socket, localRoutes(agent));
  const metrics = options.metrics && (await listenForMetrics(agent, options.metrics, () => server.close()));
  await agent.resume();
  return {
    socket: options.socket,
    stop: async () => {
      await metrics?.close();
      await server.close();
      await agent.stop();
    },
  };
}

async function listenForMetrics(agent: Agent, address: MetricsAddress, undo: () => Promise<void>) {
  const metrics = new AgentMetrics();
  try {
    return await serveMetrics(address, () => metrics.text(agent.status, systemClock.now()));
  } catch (error) {
    await undo();
    throw error;
  }
}

const nodePorts = (directory: StateDirectory, crypto: NodePorts['crypto'], options: AgentOptions): NodePorts => ({
  crypto,
  directory,
  random: systemRandom,
  wallClock: systemClock,
  monotonic: bootTime,
  pause: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => {}),
  os: platform(),
  hostname: hostname(),
  version: VERSION,
  log: options.log ?? (() => {}),
  flowLogs: options.flowLogs ?? false,
  openFastCarrier: (preferences, agentUrl) =>
    withPowers(() => openFastCarrier(preferences, agentUrl, { ...options, directory })),
  cleanUp: ({ userspace, tun }) => (userspace ? Promise.resolve() : LinuxHostPort.cleanUp(tun)),
  lan: () => lanAddresses(networkInterfaces()),
  openUdp: (preferences) => withPowers(() => openUdp(preferences)),
  openHost: async ({ userspace, tun, exitNode }, agentUrl) =>
    userspace
      ? await UserspaceHostPort.open(options)
      : withPowers(async () => LinuxHostPort.open(tun, await linuxOptions(exitNode, agentUrl, directory))),
  openResolver: async (interfaceName) => {
    const resolver = await findSystemResolver({ interfaceName, state: directory });
    await resolver.restore().catch(() => {}); // there may be nothing of ours
    return resolver;
  },
  discover: discoverAgentUrl,
  connect: (agentUrl) => {
    const { target, credentials } = controlAddress(agentUrl);
    return new AgentClient(target, credentials);
  },
  endpoints: (port, agentUrl) => localEndpoints(networkInterfaces(), port, controlAddress(agentUrl).loopback),
});

/** A thread of its own carries packets where it can; where it cannot, this one does. */
async function openFastCarrier(
  { userspace, tun, udpPort, exitNode }: Preferences,
  agentUrl: string,
  { log = () => {}, crypto = 'auto', directory }: AgentOptions & { readonly directory: StateDirectory },
): Promise<Carrier | Problem | undefined> {
  if (userspace) return undefined;
  const options = { tunName: tun, mtu: LINUX_MTU, mark: EXIT_MARK, crypto, monotonic: bootTime };
  const path = await startOrProblem(() => onFreePort(udpPort, (port) => WorkerDataPath.open({ ...options, port })));
  if (!('engine' in path)) {
    log(`packets are carried the slow way: ${path.message}`);
    return path;
  }
  const device = { name: path.tun.name, close: () => path.close() };
  const host = await LinuxHostPort.over(device, await linuxOptions(exitNode, agentUrl, directory));
  return { path, host, close: () => host.close() };
}

/** Peers may still know the port of the last time. */
async function onFreePort<T>(port: number | undefined, open: (port: number) => Promise<T>): Promise<T> {
  try {
    return await open(port ?? 0);
  } catch (error) {
    const taken = error instanceof NetfoldError && error.code === 'host.port_in_use';
    if (port && taken) return open(0);
    throw error;
  }
}

function openUdp({ udpPort, userspace }: Pick<Preferences, 'udpPort' | 'userspace'>): Promise<NodeUdpSocket> {
  // With an interface, this node may use an exit node: what carries the tunnel must not go into it.
  const options = userspace ? {} : { mark: EXIT_MARK };
  return onFreePort(udpPort, (port) => NodeUdpSocket.bind(port, options));
}

const linuxOptions = async (exitNode: string | undefined, agentUrl: string, directory: StateDirectory) => ({
  bypass: await serverAddresses(agentUrl, directory),
  sealed: exitNode !== undefined,
});

/** What the system refuses to an ordinary user, in the words of who asked for an interface. */
async function withPowers<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    if (!(cause instanceof NetfoldError) || cause.code !== 'host.need_root') throw cause;
    const message = `this agent does not run as root, so it can make no network interface: ${cause.message}`;
    const hint = 'start the agent with sudo, or do without an interface: netfold up --userspace';
    throw new NetfoldError({ code: 'host.need_root', message, hint }, { cause });
  }
}
