import type { Dice } from '#sim';
import type { AgentHistory } from '../history/history.js';
import { RemoteProcess } from '../processes/remote-process.js';
import type { AgentMethods } from './agents-main.js';
import type { Joining, Standing } from './cluster-agent.js';

/** So many agents at most share a process. */
const PER_PROCESS = 100;

/** All agents, in processes of their own. */
export class Fleet {
  #named = 0;

  private constructor(
    private readonly processes: readonly RemoteProcess<AgentMethods>[],
    private readonly replicas: number,
    private readonly dice: Dice,
  ) {}

  /** @param addresses of the gRPC services of all replicas */
  static async start(count: number, addresses: readonly string[], dice: Dice): Promise<Fleet> {
    const starts = Array.from({ length: Math.ceil(count / PER_PROCESS) }, () =>
      RemoteProcess.start<AgentMethods>('./agents-main.js', import.meta.url, addresses),
    );
    return new Fleet(await Promise.all(starts), addresses.length, dice);
  }

  /** New agents join, each through some replica; one in eight offers to route. */
  async join(count: number, authKey: string): Promise<Standing[]> {
    const wanted = Array.from({ length: count }, (): Joining => {
      const serial = this.#named++;
      const prefix = serial % 8 === 0 ? `10.${serial >> 8}.${serial & 255}.0/24` : undefined;
      return { name: `node-${serial}`, authKey, prefix, replica: this.dice.below(this.replicas) };
    });
    const shares = this.processes.map((_, i) => wanted.filter((__, n) => n % this.processes.length === i));
    const joined = this.processes.map((process, i) => process.call('join', shares[i] ?? []));
    return (await Promise.all(joined)).flat();
  }

  async standings(): Promise<Standing[]> {
    return (await Promise.all(this.processes.map((process) => process.call('standings')))).flat();
  }

  /** Sends part of the agents to other replicas at once. */
  async move(part: number): Promise<void> {
    const members = (await this.standings()).filter(({ member }) => member);
    const moves = this.dice.some(members, part).map(({ nodeId }) => [nodeId, this.dice.below(this.replicas)] as const);
    await Promise.all(this.processes.map((process) => process.call('move', new Map(moves))));
  }

  /** Has an agent replace its key; it asks until it is answered. */
  async rotate(nodeId: string): Promise<void> {
    await Promise.all(this.processes.map((process) => process.call('rotate', nodeId)));
  }

  async histories(): Promise<AgentHistory[]> {
    return (await Promise.all(this.processes.map((process) => process.call('histories')))).flat();
  }

  async kill(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.kill()));
  }
}
