import type { Dice } from '#sim';
import { SAMPLE_PREFIXES, SAMPLE_TAGS, samplePolicy } from '#tailnet/testing';
import type { Fleet } from './fleet.js';
import type { FleetAgent } from './fleet-agent.js';

/** The people whose devices the fleet is; the sample policies name them. */
export const LOGINS = [0, 1, 2, 3].map((i) => `user${i}@example.com`);

type Make = (fleet: Fleet, agent: FleetAgent, dice: Dice, serial: number) => Promise<unknown>;

const admin =
  (
    method: string,
    path: (agent: FleetAgent, dice: Dice) => string,
    body?: (dice: Dice, serial: number) => unknown,
  ): Make =>
  async ({ control }, agent, dice, serial) => {
    const { status, body: answer } = await control.call(method, path(agent, dice), body?.(dice, serial));
    // What does not make sense at the moment is refused; that is part of the test. A fault is not.
    if (status >= 500) throw new Error(`${method} ${path(agent, dice)}: ${status} ${JSON.stringify(answer)}`);
  };

const onNode = (rest: string) => (agent: FleetAgent) => `nodes/${agent.nodeId}/${rest}`;
const onUser = (rest: string) => (_: FleetAgent, dice: Dice) => `users/${dice.pick(LOGINS)}/${rest}`;
const route = (dice: Dice) => ({ prefix: dice.pick(SAMPLE_PREFIXES) });

const byAgent =
  (act: (agent: FleetAgent, dice: Dice, serial: number) => Promise<number>): Make =>
  (_, agent, dice, serial) =>
    // An expired node, say, may not rotate its key.
    act(agent, dice, serial).catch((error: { code?: string }) => {
      if (error.code === 'internal') throw error;
    });

const CHANGES: readonly (readonly [weight: number, make: Make])[] = [
  [4, admin('POST', onNode('rename'), (_, serial) => ({ name: `renamed-${serial}` }))],
  [3, admin('POST', onNode('tags'), (dice) => ({ tags: [dice.pick(SAMPLE_TAGS)] }))],
  [2, admin('POST', onNode('expire'))],
  [3, admin('POST', onNode('expiry'), () => ({ keyExpiresAt: null }))],
  [5, admin('POST', onNode('routes/approve'), route)],
  [2, admin('POST', onNode('routes/revoke'), route)],
  [
    4,
    admin(
      'PUT',
      () => 'policy',
      (dice) => samplePolicy(dice.below(1 << 16)),
    ),
  ],
  [
    1,
    admin(
      'PUT',
      () => 'dns',
      (_, serial) => ({ searchDomains: [`s${serial}.example.com`] }),
    ),
  ],
  [2, admin('POST', onUser('suspend'))],
  [3, admin('POST', onUser('resume'))],
  [2, admin('POST', onUser('role'), (dice) => ({ role: dice.pick(['member', 'admin']) }))],
  [5, byAgent((agent, dice) => agent.command({ kind: 'rotate-key', nodeKey: dice.bytes(32) }))],
  [5, byAgent((agent, dice) => agent.command({ kind: 'advertise-routes', prefixes: dice.some(SAMPLE_PREFIXES, 0.3) }))],
  [2, byAgent((agent, _, serial) => agent.command({ kind: 'set-hostname', hostname: `Host ${serial}` }))],
];

const DRAWN = CHANGES.flatMap(([weight, make]) => new Array<Make>(weight).fill(make));

/** Something that an admin or a node wants changed, which the server may refuse. */
export const randomChange = (fleet: Fleet, agent: FleetAgent, dice: Dice, serial: number): Promise<unknown> =>
  dice.pick(DRAWN)(fleet, agent, dice, serial);
