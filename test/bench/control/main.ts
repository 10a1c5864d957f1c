// `npm run bench:control -- --agents N [--json]`: what the netmap stream costs, beside the floor: the same bytes pushed
// to as many bare grpc-js streams in the same run. One process serves and one holds all agents, on loopback.
import { parseArgs } from 'node:util';
import type { Round } from './fleet.js';
import { Floor } from './floor.js';
import { type Outcome, playScenario } from './scenario.js';

const { values } = parseArgs({
  options: { agents: { type: 'string', default: '1000' }, json: { type: 'boolean', default: false } },
});
const agents = Number(values.agents);
if (!Number.isInteger(agents) || agents < 10) {
  console.error('bench:control: --agents takes a whole number of at least 10');
  process.exit(2);
}
const say = (line: string) => console.error(`  ${line}`);

/** A round of the real thing, and what as many bare streams took for the same bytes. */
interface Compared extends Round {
  readonly floorMs: number;
  readonly ratio: number;
}

const FLOOR_REPEATS = 11;

async function compare(floor: Floor, round: Round, streams: number, openMs = 0): Promise<Compared> {
  const share = { frames: Math.max(1, Math.round(round.frames / streams)), bytes: round.bytes / streams };
  const times: number[] = [];
  for (let i = 0; i < FLOOR_REPEATS; i++) times.push(await floor.push(share));
  const floorMs = openMs + (times.sort((a, b) => a - b)[FLOOR_REPEATS >> 1] as number);
  return { ...round, floorMs, ratio: round.ms / floorMs };
}

async function measure(count: number): Promise<{ rounds: Record<string, Compared>; memoryPerAgent: number }> {
  const outcome: Outcome = await playScenario(count, say);
  const all = await Floor.open(count);
  const compared: Record<string, Compared> = {
    join: await compare(all, outcome.join, count, all.openMs),
    policy: await compare(all, outcome.policy, count),
    node: await compare(all, outcome.node, count),
    resume: await compare(all, outcome.resume, count, all.openMs),
    segment: await compare(all, outcome.segment, count),
  };
  await all.close();
  const team = await Floor.open(10);
  compared.teamNode = await compare(team, outcome.teamNode, 10);
  await team.close();
  return { rounds: compared, memoryPerAgent: outcome.memoryPerAgent };
}

const small = agents >= 100 ? (await measure(Math.round(agents / 10))).rounds.teamNode : undefined;
const { rounds, memoryPerAgent } = await measure(agents);
const result = {
  agents,
  rounds,
  memoryPerAgentKiB: Math.round(memoryPerAgent / 1024),
  resumeBytesToJoinBytes: (rounds.resume?.bytes ?? 0) / (rounds.join?.bytes ?? 1),
  ...(small && { teamChangeAgainstTenthOfTheNetwork: (rounds.teamNode?.ms ?? 0) / small.ms }),
};

if (values.json) console.log(JSON.stringify(result, null, 2));
else {
  console.log(`${agents} agents                  ms      frames       bytes    floor ms   ratio to the floor`);
  for (const [name, { ms, frames, bytes, floorMs, ratio }] of Object.entries(rounds)) {
    const columns = [ms.toFixed(1), String(frames), String(bytes), floorMs.toFixed(1), ratio.toFixed(2)];
    console.log(name.padEnd(14) + columns.map((column) => column.padStart(12)).join(''));
  }
  console.log(`memory per agent: ${result.memoryPerAgentKiB} KiB of the server's resident set`);
  console.log(`resume: ${(100 * result.resumeBytesToJoinBytes).toFixed(2)} % of the bytes of the first join`);
  if (small) {
    const ratio = result.teamChangeAgainstTenthOfTheNetwork ?? 0;
    console.log(`a change that concerns 10 nodes: ${ratio.toFixed(2)}x of what it takes in a tenth of the network`);
  }
}
process.exit(0);
