import fc from 'fast-check';
import { randomPolicy } from '#policy/testing';
import type { TailnetState } from '#tailnet';
import { aTailnet, nodeId, sampleKey, type TailnetBuilder, userId } from '#tailnet/testing';

const PEOPLE: readonly (readonly [name: string, login: string])[] = [
  ['ann', 'ann@example.com'],
  ['bob', 'bob@example.com'],
  ['cid', 'cid@other.org'],
];
const TAGS = ['tag:web', 'tag:db', 'tag:router'];
const PREFIXES = ['10.1.0.0/16', '10.1.2.0/24', 'fd00:1::/64', '8.8.8.0/24', '0.0.0.0/0', '::/0'];
const NODES = 5;

const step = fc.record({
  kind: fc.constantFrom(
    ...(['publish', 'publish', 'join', 'own', 'tag', 'route', 'route', 'route', 'withdraw', 'remove'] as const),
    ...(['suspend', 'resume', 'promote', 'expire'] as const),
  ),
  node: fc.nat(NODES - 1),
  choice: fc.nat(0xff),
  policy: randomPolicy,
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** How two states of a small tailnet came to be, in which names, addresses and routes meet often. */
export const randomSteps = fc.record({
  policy: randomPolicy,
  members: fc.array(fc.nat(0xff), { minLength: 3, maxLength: NODES }),
  first: fc.array(step, { maxLength: 10, size: 'max' }),
  second: fc.array(step, { maxLength: 4, minLength: 1 }),
});

type Steps = typeof randomSteps extends fc.Arbitrary<infer T> ? T : never;

/** The states after the first steps, and after the second ones. */
export function statesAfter({ policy, members, first, second }: Steps): readonly [TailnetState, TailnetState] {
  const people = PEOPLE.reduce(
    (built, [name, login]) =>
      built.with('UserJoined', { userId: userId(name), login, displayName: name, role: 'member' }),
    aTailnet(),
  );
  const joins = members.map((choice, node): Step => ({ kind: 'join', node, choice, policy }));
  const before = [...joins, ...first].reduce(take, people.withPolicy(policy));
  return [before.state, second.reduce(take, before).state];
}

function take(built: TailnetBuilder, { kind, node, choice, policy }: Step): TailnetBuilder {
  const name = `n${node}`;
  const id = nodeId(name);
  const prefix = PREFIXES[choice % PREFIXES.length] as string;
  const user = userId((PEOPLE[choice % 3] as [string, string])[0]);
  const tags = TAGS.filter((_, i) => ((1 + (choice % 7)) >> i) & 1);
  if (kind === 'publish') return built.withPolicy(policy);
  if (kind === 'suspend' && choice % 2) return built.with('UserSuspended', { userId: user });
  if (kind === 'resume') return built.with('UserResumed', { userId: user });
  if (kind === 'promote') return built.with('UserRoleChanged', { userId: user, role: choice % 2 ? 'admin' : 'member' });
  if (kind === 'join' && !built.state.nodes.has(id)) {
    return choice % 2 ? built.withNode(name, { tags }) : built.withNode(name, { user: user.slice('user_'.length) });
  }
  if (!built.state.nodes.has(id)) return built;
  if (kind === 'route') return built.withRoutes(name, [prefix]);
  if (kind === 'withdraw') return built.with('RouteWithdrawn', { nodeId: id, prefix });
  if (kind === 'remove' && choice % 2) return built.with('NodeRemoved', { nodeId: id, reason: 'removed' });
  if (kind === 'tag') return built.with('NodeTagged', { nodeId: id, tags });
  if (kind === 'expire' && choice % 3 === 0) return built.with('NodeExpired', { nodeId: id });
  return kind === 'own' ? ownedBy(built, id, user) : built;
}

const ownedBy = (built: TailnetBuilder, id: string, user: string): TailnetBuilder =>
  built.with('NodeReauthenticated', {
    nodeId: id,
    nodeKey: sampleKey(`${id} again ${built.state.revision}`),
    hostname: id,
    os: built.state.revision % 2 ? 'linux' : 'windows',
    userId: user,
    tags: [],
    ephemeral: false,
    approved: true,
    keyExpiresAt: null,
  });
