// Many agents in a process of their own. Arguments: the gRPC addresses of all replicas.
import { chooseCrypto } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { systemRandom } from '#host';
import { serveParent } from '../processes/remote-process.js';
import { ClusterAgent, type Joining, type Standing } from './cluster-agent.js';

const addresses = process.argv.slice(2);
const crypto = chooseCrypto([() => new NativeCrypto()]);
const agents = new Map<string, ClusterAgent>();

/** So many joins are under way at once. */
const AT_ONCE = 8;

async function joinOne(joining: Joining): Promise<Standing> {
  const agent = await ClusterAgent.create(joining.name, addresses, crypto, systemRandom);
  await agent.join(joining);
  agents.set(agent.nodeId, agent);
  return agent.standing;
}

const methods = {
  join: async (wanted: readonly Joining[]): Promise<Standing[]> => {
    const joined: Standing[] = [];
    const waiting = [...wanted];
    const work = async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) joined.push(await joinOne(next));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return joined;
  },
  standings: () => [...agents.values()].map(({ standing }) => standing),
  /** Sends those whose turn it is to other replicas. */
  move: (moves: ReadonlyMap<string, number>) => {
    for (const [nodeId, replica] of moves) agents.get(nodeId)?.move(replica);
  },
  rotate: async (nodeId: string) => {
    await agents.get(nodeId)?.rotateKey();
  },
  histories: () => [...agents.values()].map(({ history }) => history),
};

export type AgentMethods = typeof methods;

serveParent(methods);
