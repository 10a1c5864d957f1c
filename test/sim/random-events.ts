import type { Dice } from '#sim';
import type { TailnetCommand } from '#tailnet';
import { LOGINS, prefixesOf, randomPolicy, SYNCED_GROUP, TAGS } from './random-policy.js';
import type { SimAgent } from './sim-agent.js';
import { userIdOf, type World } from './world.js';

type Event = (world: World, dice: Dice) => void;

const MOST_NODES = 7;

/** Something that an admin does to a random node. */
const onNode =
  (make: (nodeId: string, dice: Dice) => TailnetCommand): Event =>
  ({ control }, dice) => {
    const ids = [...control.state.nodes.keys()];
    if (ids.length > 0) control.execute(make(dice.pick(ids), dice));
  };

/** Something that happens to the machine of a running member. */
const onAgent =
  (act: (world: World, agent: SimAgent, dice: Dice) => void): Event =>
  (world, dice) => {
    const { running } = world;
    if (running.length > 0) act(world, dice.pick(running), dice);
  };

const onUser =
  (type: 'SuspendUser' | 'ResumeUser'): Event =>
  ({ control }, dice) => {
    control.execute({ type, data: { userId: userIdOf(dice.pick(LOGINS)) } });
  };

const prefixOf = (nodeId: string, dice: Dice): string => dice.pick(prefixesOf(Number(nodeId.split('_')[1])));

const rotate = onAgent((world, agent) => {
  // Refused, or the control plane is out of reach: the agent then goes on with the key that it has.
  if (agent.node) world.meanwhile(agent.node.ownKey.rotate().catch(() => {}));
});

const cutOff = onAgent(({ scheduler, dice: worldDice }, { parts: { route } }, dice) => {
  route.passable = false;
  route.break(dice.below(3_000), dice.below(3_000));
  scheduler.after(dice.below(20_000), () => {
    route.passable = true;
    route.latency = 1 + worldDice.below(80);
    route.transmission = worldDice.chance(0.3) ? worldDice.below(800) : 0;
  });
});

const crash = onAgent((world, agent, dice) => {
  agent.crash();
  world.scheduler.after(dice.below(5_000), () => world.meanwhile(world.start(agent)));
});

const weather: Event = ({ internet }, dice) => {
  internet.weather = {
    latency: dice.below(60),
    jitter: dice.below(40),
    loss: dice.pick([0, 0, 0.05, 0.3]),
    duplication: dice.pick([0, 0.05]),
  };
};

const partition: Event = ({ internet, running }, dice) => {
  if (running.length < 2) return;
  if (dice.chance(0.5)) internet.mend();
  else internet.cut(dice.pick(running).address, dice.pick(running).address);
};

const EVENTS: readonly (readonly [weight: number, event: Event])[] = [
  [8, ({ control }, dice) => void control.execute({ type: 'PublishAcl', data: { text: randomPolicy(dice) } })],
  [4, onNode((nodeId, dice) => ({ type: 'TagNode', data: { nodeId, tags: dice.some(TAGS) } }))],
  [2, onUser('SuspendUser')],
  [6, onUser('ResumeUser')],
  [2, onNode((nodeId) => ({ type: 'ExpireNode', data: { nodeId } }))],
  [4, onNode((nodeId) => ({ type: 'SetNodeExpiry', data: { nodeId, keyExpiresAt: null } }))],
  [1, onNode((nodeId) => ({ type: 'RemoveNode', data: { nodeId, reason: 'removed' } }))],
  [4, onNode((nodeId, dice) => ({ type: 'ApproveRoute', data: { nodeId, prefix: prefixOf(nodeId, dice) } }))],
  [3, onNode((nodeId, dice) => ({ type: 'RevokeRoute', data: { nodeId, prefix: prefixOf(nodeId, dice) } }))],
  [
    3,
    ({ control }, dice) =>
      void control.execute({ type: 'SyncGroup', data: { group: SYNCED_GROUP, members: dice.some(LOGINS) } }),
  ],
  [2, (world) => world.agents.length < MOST_NODES && world.join()],
  [6, rotate],
  [3, cutOff],
  [2, crash],
  [1, ({ control }) => control.restart()],
  [2, weather],
  [2, partition],
];

const DRAWN = EVENTS.flatMap(([weight, event]) => new Array<Event>(weight).fill(event));

/** Something that an admin does, a person, or bad luck. */
export const randomEvent = (world: World, dice: Dice): void => dice.pick(DRAWN)(world, dice);
