import type { Dice } from '#sim';

/** Something that an admin wants done, and what of it must be in the ledger afterwards. */
export interface Order {
  readonly method: 'POST' | 'PUT';
  readonly path: string;
  readonly body: unknown;
  /** The event that says that it was done. */
  readonly event: string;
  /** A text in that event that no other order's has. */
  readonly mark: string;
  /** For a policy: whether it approves the routes that nodes advertise. */
  readonly approves?: boolean;
}

/** What orders are about. */
export interface Stock {
  readonly nodeIds: readonly string[];
  readonly owner: string;
}

type Maker = (mark: string, stock: Stock, dice: Dice) => Order;

const MAKERS: readonly Maker[] = [
  (mark, { owner }) => ({
    method: 'POST',
    path: 'auth-keys',
    body: { user: owner, description: mark },
    event: 'AuthKeyIssued',
    mark,
  }),
  (mark, { nodeIds }, dice) => ({
    method: 'POST',
    path: `nodes/${dice.pick(nodeIds)}/rename`,
    body: { name: mark },
    event: 'NodeRenamed',
    mark,
  }),
  (mark) => ({
    method: 'POST',
    path: 'users',
    body: { login: `${mark}@example.com` },
    event: 'UserJoined',
    mark: `${mark}@example.com`,
  }),
  (mark) => ({
    method: 'PUT',
    path: 'dns',
    body: { searchDomains: [`${mark}.example.com`] },
    event: 'DnsConfigured',
    mark: `${mark}.example.com`,
  }),
  (mark, { owner }, dice) => {
    const approves = dice.chance(0.5);
    return {
      method: 'PUT',
      path: 'policy',
      body: policy(mark, approves ? [owner] : []),
      event: 'AclPublished',
      mark,
      approves,
    };
  },
];

/** A random order. @param mark a DNS label that no other order has */
export const randomOrder = (mark: string, stock: Stock, dice: Dice): Order => dice.pick(MAKERS)(mark, stock, dice);

/** One that changes many routes with one command, by approving them or not. */
const policy = (mark: string, approvers: readonly string[]): string => `// ${mark}
{
  "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
  "autoApprovers": {"routes": {"10.0.0.0/8": ${JSON.stringify(approvers)}}},
}
`;
