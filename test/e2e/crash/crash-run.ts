import { setImmediate as nextTurn } from 'node:timers/promises';
import { Dice } from '#sim';
import { TestAgent } from '../../../apps/control/src/testing/test-agent.js';
import { Admin, attempt, Moments, type Sent } from './admin.js';
import type { ControlProcess } from './control-process.js';
import type { Stock } from './orders.js';

export interface CrashPlan {
  readonly seed: number;
  readonly kills: number;
  readonly admins: number;
}

/** What the run leaves for the audit. */
export interface CrashRun {
  readonly sent: readonly Sent[];
  /** Texts that nobody but their receiver may ever see. */
  readonly secrets: readonly string[];
  /** What the API showed at the end, read from a server that had been restarted. */
  readonly shown: Readonly<Record<'users' | 'nodes' | 'policy' | 'dns', unknown>>;
  readonly revision: number;
}

const OWNER = 'admin@netfold.internal';
const NODES = ['alpha', 'beta', 'gamma'];
const ROUTES_PER_NODE = 4;
/** So many answers at most between two kills. */
const MAX_ANSWERS = 24;
/** So many turns of the event loop at most between the last of these answers and the kill. */
const MAX_TURNS = 120;
/** A server that is killed while it starts dies after so many milliseconds at most. */
const MAX_START_MS = 900;
const KILLED_WHILE_STARTING = 0.2;

/** Lets admins give orders while the server is killed again and again. At the end it is dead. */
export async function runAndCrash(
  control: ControlProcess,
  { seed, kills, admins: count }: CrashPlan,
): Promise<CrashRun> {
  const dice = new Dice(seed);
  await control.start();
  const stock: Stock = { owner: OWNER, nodeIds: await joinNodes(control) };
  const moments = new Moments();
  const admins = Array.from({ length: count }, (_, i) => new Admin(`a${i}`, control, stock, dice.fork(), moments));
  const working = Promise.all(admins.map((admin) => admin.work()));
  const killing = killRepeatedly(control, kills, moments, dice);
  await Promise.race([killing, working]); // admins end by themselves only when one of them fails
  await killing;
  for (const admin of admins) admin.stop();
  await working;
  const sent = admins.flatMap((admin) => admin.sent);
  await expectSameAnswers(control, sent);
  const shown = await show(control);
  const revision = ((await get(control, 'revision')) as { revision: number }).revision;
  await control.kill();
  return { sent, shown, revision, secrets: [control.token, ...sent.flatMap(({ answer }) => answer?.key ?? [])] };
}

async function killRepeatedly(control: ControlProcess, kills: number, moments: Moments, dice: Dice): Promise<void> {
  for (let kill = 0; kill < kills; kill++) {
    await moments.answers(1 + dice.below(MAX_ANSWERS));
    for (let turns = dice.below(MAX_TURNS); turns > 0; turns--) await nextTurn();
    await control.kill();
    if (dice.chance(KILLED_WHILE_STARTING)) await control.startAndKill(dice.below(MAX_START_MS));
    await control.start();
  }
}

/** Machines that advertise routes, for a policy to approve or not. */
async function joinNodes(control: ControlProcess): Promise<string[]> {
  const { grpcAddress } = await control.ready;
  const issued = await attempt(control, {
    order: { method: 'POST', path: 'auth-keys', body: { user: OWNER, reusable: true }, event: '', mark: '' },
    idempotencyKey: 'key of the nodes',
    sentAt: 0,
    attempts: 0,
  });
  const ids: string[] = [];
  for (const [i, name] of NODES.entries()) {
    const agent = new TestAgent(grpcAddress, name);
    ids.push((await agent.register(issued?.key ?? '')).nodeId);
    const prefixes = Array.from({ length: ROUTES_PER_NODE }, (_, n) => `10.${i}.${n}.0/24`);
    await agent.command({ kind: 'advertise-routes', prefixes });
    await agent.close();
  }
  return ids;
}

/** Repeats every order that was answered: the answer is the same, and nothing is done twice. */
async function expectSameAnswers(control: ControlProcess, sent: readonly Sent[]): Promise<void> {
  for (const one of sent) {
    if (!one.answer) continue;
    const again = await attempt(control, one);
    if (again?.revision !== one.answer.revision || again.key !== one.answer.key || again.events?.length) {
      throw new Error(`${one.idempotencyKey}: first ${JSON.stringify(one.answer)}, then ${JSON.stringify(again)}`);
    }
  }
}

async function show(control: ControlProcess): Promise<CrashRun['shown']> {
  const { users } = (await get(control, 'users')) as { users: unknown };
  const { nodes } = (await get(control, 'nodes')) as { nodes: unknown };
  const { dns } = (await get(control, 'dns')) as { dns: unknown };
  return { users, nodes, dns, policy: await get(control, 'policy') };
}

async function get(control: ControlProcess, path: string): Promise<unknown> {
  const { httpUrl } = await control.ready;
  const headers = { authorization: `Bearer ${control.token}` };
  const response = await fetch(`${httpUrl}/api/v1/tailnets/-/${path}`, { headers });
  const text = await response.text();
  if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${text}`);
  return path === 'policy' ? text : JSON.parse(text);
}
