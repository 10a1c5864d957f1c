import { toHex } from '#kernel';
import { digestOf, networkFromScratch, viewOf } from '#netmap';
import { FAIR } from '#sim';
import { encodeItem } from '#wire';
import type { Flow } from './flows.js';
import { randomEvent } from './random-events.js';
import type { Violation } from './referee.js';
import type { SimAgent } from './sim-agent.js';
import { openFlow, randomTraffic, send } from './traffic.js';
import type { World } from './world.js';

/** What a run has shown. */
export interface Outcome {
  /** The law: no agent ever passes a packet that the revision it has acknowledged denies. */
  readonly violations: readonly Violation[];
  /** What should have passed in the end, and did not. */
  readonly missing: readonly Flow[];
  /** Members that do not hold what the ledger says. */
  readonly astray: readonly string[];
  /** What agents and control plane disagreed about. */
  readonly alarms: readonly string[];
  /** What no part of the program should throw. */
  readonly failures: readonly unknown[];
  readonly counts: Readonly<Record<Count, number>>;
}

export type Count =
  | 'passed'
  | 'answers'
  | 'denied'
  | 'revoked'
  | 'proven'
  | 'refuted'
  | 'rotated'
  | 'published'
  | 'routes'
  | 'snapshots'
  | 'diffs'
  | 'resumed';

const FIRST_NODES = 5;
const STEPS = 60;
const FINAL_FLOWS = 60;
/** Longer than a session lives (WireGuard paper, 6.1), in milliseconds. */
const LONG = 200_000;

/** A random history with traffic all the while; then peace, and a look at who reaches whom. */
export async function simulate(world: World): Promise<Outcome> {
  const { scheduler, dice, control, referee } = world;
  try {
    for (let i = 0; i < FIRST_NODES; i++) world.join();
    await scheduler.pass(2_000);
    for (let step = 0; step < STEPS; step++) {
      if (dice.chance(0.5)) randomEvent(world, dice);
      randomTraffic(world, dice);
      await scheduler.pass(dice.chance(0.03) ? LONG : dice.below(1_500));
    }
    await makePeace(world);
    const astray = world.running
      .filter((agent) => digestHeld(agent) !== digestDue(world, agent))
      .map(({ nodeId }) => nodeId);
    const { missing, proven, refuted } = await tryEverything(world);
    const { passed, answers } = referee.verdicts;
    const { snapshots, diffs, resumed } = control.counters;
    const counts = { passed, answers, proven, refuted, snapshots, diffs, resumed, ...tally(world) };
    return {
      violations: referee.violations,
      missing,
      astray,
      alarms: control.alarms,
      failures: world.failures,
      counts,
    };
  } finally {
    world.close();
  }
}

/** Ends all that bad luck has done, and waits until everybody has heard the newest. */
async function makePeace(world: World): Promise<void> {
  const { internet, scheduler, control } = world;
  internet.weather = FAIR;
  internet.mend();
  await scheduler.pass(30_000); // whatever is to come back by itself has come back
  for (let i = 0; i < 20 && !isPeace(world); i++) await scheduler.pass(5_000);
  if (!isPeace(world)) {
    const lost = world.running.filter(({ nodeId }) => !control.isConnected(nodeId)).map(({ nodeId }) => nodeId);
    throw new Error(`there is no peace: ${lost} are not connected`);
  }
}

const isPeace = ({ control, running }: World): boolean =>
  control.settled && running.every(({ nodeId }) => control.isConnected(nodeId));

/** Opens flows all over: each honest one that the policy permits arrives and is answered; no other does. */
async function tryEverything(world: World) {
  const { dice, scheduler, referee } = world;
  const tried: Flow[] = [];
  for (let i = 0; i < FINAL_FLOWS; i++) {
    const flow = openFlow(world, dice);
    if (flow?.honest) tried.push(flow);
  }
  // A session that only one side remembers is noticed after some 15 seconds without an answer.
  for (const wait of [1_000, 17_000, 8_000]) {
    for (const flow of tried) if (flow.answered === 0) send(world, flow);
    await scheduler.pass(wait);
  }
  const due = tried.filter((flow) => referee.receiverOf(flow) !== undefined);
  const missing = due.filter(({ answered }) => answered === 0);
  const proven = due.length - missing.length;
  return { missing, proven, refuted: tried.filter(({ arrived }) => arrived === 0).length - missing.length };
}

const digestHeld = ({ node }: SimAgent): string => toHex(node?.follower.held.digest ?? new Uint8Array());

function digestDue({ control: { state } }: World, { nodeId }: SimAgent): string {
  return toHex(digestOf(viewOf(networkFromScratch(state), nodeId), encodeItem));
}

/** What the filters and the ledger have counted. */
function tally({ running, control }: World) {
  const filters = running.map(({ path }) => path?.filter.counters);
  const sum = (reason: 'denied' | 'revoked') => filters.reduce((total, counted) => total + (counted?.[reason] ?? 0), 0);
  const count = (type: string) => control.events.filter((event) => event.type === type).length;
  return {
    denied: sum('denied'),
    revoked: sum('revoked'),
    rotated: count('KeyRotated'),
    published: count('AclPublished'),
    routes: count('RouteRevoked'),
  };
}
