import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from './admin.js';
import { startChild } from './child.js';
import { Fleet, type Round } from './fleet.js';

/** One-node changes are short: the median of so many is reported. */
const REPEATS = 21;

const TEAM_SIZE = 10;

export interface Outcome {
  /** All join at once; everybody may see everybody. */
  readonly join: Round;
  /** A policy that allows fewer ports to all. */
  readonly policy: Round;
  /** One node is renamed; everybody sees it. */
  readonly node: Round;
  /** The server was killed and started again; all come back at once. */
  readonly resume: Round;
  /** A policy that lets only teams of ten see each other. */
  readonly segment: Round;
  /** One node is renamed; its team sees it. */
  readonly teamNode: Round;
  /** Bytes of resident memory that each joined agent added to the server. */
  readonly memoryPerAgent: number;
}

interface Server {
  readonly httpUrl: string;
  readonly grpcAddress: string;
  readonly token?: string;
}

/** Plays the whole story with so many agents. @param say told of each step */
export async function playScenario(count: number, say: (line: string) => void): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), 'netfold-bench-'));
  const fleet = new Fleet(count);
  let server = await startChild<Server>('control-server.js', folder);
  try {
    const token = server.ready.token ?? '';
    let admin = new Admin(server.ready.httpUrl, token);
    const teams = Array.from({ length: Math.ceil(count / TEAM_SIZE) }, (_, i) => `tag:team-${i}`);
    const publish = (acls: unknown) =>
      admin.publish({ tagOwners: Object.fromEntries(teams.map((tag) => [tag, ['autogroup:admin']])), acls });
    await publish([{ action: 'accept', src: ['*'], dst: ['*:*'] }]);
    const keys = await Promise.all(teams.map((tag) => admin.authKey([tag])));
    const before = await memoryOf(server.child);

    let target = Number.POSITIVE_INFINITY;
    const caughtUp = ({ held }: { held: { revision: number } }) => held.revision >= target;
    const change = async (order: () => Promise<number>) => {
      target = Number.POSITIVE_INFINITY;
      target = await order();
    };
    const joinAll = async () => {
      await fleet.join(server.ready.grpcAddress, (i) => keys[Math.floor(i / TEAM_SIZE)] as string);
      return admin.revision();
    };
    const joined = await fleet.until(() => change(joinAll), caughtUp);
    say(`${count} agents joined`);
    const memoryPerAgent = ((await memoryOf(server.child)) - before) / count;

    const policy = await fleet.until(
      () => change(() => publish([{ action: 'accept', src: ['*'], dst: ['*:1-1000'] }])),
      caughtUp,
    );
    say('policy changed');
    const renamed = fleet.agents[count >> 1];
    const rename = async (round: number, concerned = fleet.agents) =>
      fleet.until(() => change(() => admin.rename(renamed?.nodeId ?? '', `renamed-${round}`)), caughtUp, concerned);
    const node = await medianOf((round) => rename(round));
    say('a node changed');

    server.child.kill('SIGKILL');
    await once(server.child, 'exit');
    fleet.hangUp();
    server = await startChild<Server>('control-server.js', folder);
    admin = new Admin(server.ready.httpUrl, token);
    const resume = await fleet.until(
      async () => fleet.resume(server.ready.grpcAddress),
      (agent) => agent.current,
    );
    say('all came back to a restarted server');

    const rules = teams.map((tag) => ({ action: 'accept', src: [tag], dst: [`${tag}:*`] }));
    const segment = await fleet.until(() => change(() => publish(rules)), caughtUp);
    say('the policy split the network into teams');
    const team = fleet.agents.slice(...teamOf(count >> 1));
    const teamNode = await medianOf((round) => rename(REPEATS + round, team));
    return { join: joined, policy, node, resume, segment, teamNode, memoryPerAgent };
  } finally {
    fleet.hangUp();
    server.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  }
}

function teamOf(index: number): [from: number, to: number] {
  const from = index - (index % TEAM_SIZE);
  return [from, from + TEAM_SIZE];
}

async function medianOf(play: (round: number) => Promise<Round>): Promise<Round> {
  const rounds: Round[] = [];
  for (let i = 0; i < REPEATS; i++) rounds.push(await play(i));
  return rounds.sort((a, b) => a.ms - b.ms)[REPEATS >> 1] as Round;
}

async function memoryOf(child: import('node:child_process').ChildProcess): Promise<number> {
  child.send('memory');
  const [{ rss }] = (await once(child, 'message')) as [{ rss: number }];
  return rss;
}
