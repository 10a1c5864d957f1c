import type { Dice } from '#sim';

/** Something that an admin may want, and what of it must be in the ledger when it was done. */
export interface Wish {
  readonly method: 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  /** As `Order`. */
  readonly event: string;
  readonly leaves: boolean;
  readonly mark: string;
  readonly removes?: string;
}

/** What wishes are about: what the admins know of. */
export interface Stock {
  readonly owner: string;
  /** The ids of nodes that nobody has wanted removed yet. */
  readonly nodes: readonly string[];
  /** Nodes that offer to route, with what. */
  readonly routers: readonly { readonly nodeId: string; readonly prefix: string }[];
  /** Changes that are proposed. */
  readonly changes: readonly string[];
}

type Maker = (mark: string, stock: Stock, dice: Dice) => Wish | undefined;

/** Has nothing to wish for where there is nothing of what it is about. */
const about =
  (what: 'nodes' | 'routers' | 'changes', make: Maker): Maker =>
  (mark, stock, dice) =>
    stock[what].length === 0 ? undefined : make(mark, stock, dice);

const TAGS = ['tag:web', 'tag:db', 'tag:ops'];

const MAKERS: readonly (readonly [weight: number, make: Maker])[] = [
  [
    3,
    (mark, { owner }) => ({
      method: 'POST',
      path: 'auth-keys',
      body: { user: owner, description: mark },
      event: 'AuthKeyIssued',
      leaves: true,
      mark,
    }),
  ],
  [
    6,
    about('nodes', (mark, { nodes }, dice) => ({
      method: 'POST',
      path: `nodes/${dice.pick(nodes)}/rename`,
      body: { name: mark },
      event: 'NodeRenamed',
      leaves: true,
      mark,
    })),
  ],
  [
    5,
    about('nodes', (_, { nodes }, dice) => ({
      method: 'POST',
      path: `nodes/${dice.pick(nodes)}/tags`,
      body: { tags: [dice.pick(TAGS)] },
      event: 'NodeTagged',
      leaves: false,
      mark: '',
    })),
  ],
  [
    5,
    about('routers', (_, { routers }, dice) => {
      const { nodeId, prefix } = dice.pick(routers);
      const [verb, event] = dice.chance(0.6) ? ['approve', 'RouteApproved'] : ['revoke', 'RouteRevoked'];
      return {
        method: 'POST',
        path: `nodes/${nodeId}/routes/${verb}`,
        body: { prefix },
        event,
        leaves: false,
        mark: prefix,
      };
    }),
  ],
  [
    4,
    (mark, _, dice) => ({
      method: 'PUT',
      path: 'policy',
      body: policy(mark, dice),
      event: 'AclPublished',
      leaves: true,
      mark,
    }),
  ],
  [
    4,
    about('nodes', (_, { nodes }, dice) => {
      const removes = dice.pick(nodes);
      return { method: 'DELETE', path: `nodes/${removes}`, event: 'NodeRemoved', leaves: true, mark: removes, removes };
    }),
  ],
  [
    2,
    (_, __, dice) => {
      const keyExpiry = 86_400_000 + dice.below(1 << 30);
      return {
        method: 'PUT',
        path: 'settings',
        body: { keyExpiry },
        event: 'SettingsChanged',
        leaves: true,
        mark: String(keyExpiry),
      };
    },
  ],
  [
    2,
    (mark) => ({
      method: 'PUT',
      path: 'dns',
      body: { searchDomains: [`${mark}.example.com`] },
      event: 'DnsConfigured',
      leaves: true,
      mark: `${mark}.example.com`,
    }),
  ],
  [
    2,
    (mark) => ({
      method: 'POST',
      path: 'users',
      body: { login: `${mark}@example.com` },
      event: 'UserJoined',
      leaves: true,
      mark: `${mark}@example.com`,
    }),
  ],
  [
    3,
    about('nodes', (mark, { nodes }, dice) => ({
      method: 'POST',
      path: 'changes',
      body: { title: mark, commands: [{ type: 'RenameNode', data: { nodeId: dice.pick(nodes), name: `${mark}-c` } }] },
      event: 'ChangeProposed',
      leaves: true,
      mark,
    })),
  ],
  [
    3,
    about('changes', (_, { changes }, dice) => {
      const changeId = dice.pick(changes);
      return {
        method: 'POST',
        path: `changes/${changeId}/apply`,
        event: 'ChangeApplied',
        leaves: false,
        mark: changeId,
      };
    }),
  ],
];

const DRAWN = MAKERS.flatMap(([weight, make]) => new Array<Maker>(weight).fill(make));

/** A random wish that there is something for. @param mark a DNS label that no other wish has */
export function randomWish(mark: string, stock: Stock, dice: Dice): Wish {
  for (;;) {
    const wish = dice.pick(DRAWN)(mark, stock, dice);
    if (wish) return wish;
  }
}

/** Under which nobody sees anybody, so that many can join at little cost; and one under which everybody sees everybody. */
export const CLOSED_POLICY = '{"acls": []}';
export const OPEN_POLICY = '{"acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}';

/** One that lets some tags reach some others, and everybody untagged everybody. */
function policy(mark: string, dice: Dice): string {
  const owners = TAGS.map((tag) => `"${tag}": ["autogroup:admin"]`).join(', ');
  const some = () => JSON.stringify(['autogroup:member', ...dice.some(TAGS)]);
  return `// ${mark}
{
  "tagOwners": {${owners}},
  "acls": [
    {"action": "accept", "src": ["autogroup:member"], "dst": ["autogroup:member:*"]},
    {"action": "accept", "src": ${some()}, "dst": ["${dice.pick(TAGS)}:${1 + dice.below(65_535)}"]},
  ],
}
`;
}
