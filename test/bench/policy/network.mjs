// A tailnet of the size that the policy must be quick at: made by arithmetic, so that each run measures the same one.

export const SIZES = { nodes: 10_000, users: 500, groups: 200, rules: 1_000 };

const USERS_PER_GROUP = 10;
const TAGS = 200;

const user = (i) => `user${i % SIZES.users}@example.com`;
const group = (i) => `group:g${i % SIZES.groups}`;
const tag = (i) => `tag:t${i % TAGS}`;
const range = (length) => Array.from({ length }, (_, i) => i);

/** The text of the policy. */
export function policyText({ members = {}, rules = {} } = {}) {
  const groups = Object.fromEntries(
    range(SIZES.groups).map((i) => [
      group(i),
      range(USERS_PER_GROUP)
        .map((j) => user(i * 7 + j * 31))
        .concat(members[group(i)] ?? []),
    ]),
  );
  const tagOwners = Object.fromEntries(range(TAGS).map((i) => [tag(i), [group(i)]]));
  const acls = range(SIZES.rules).map((i) => rules[i] ?? rule(i));
  return JSON.stringify({ groups, tagOwners, acls }, null, 1);
}

/** Most rules join a group to a tag; some are about people, tags among themselves, subnets and one's own devices. */
function rule(i) {
  const accept = (src, dst) => ({ action: 'accept', src, dst });
  const port = 1 + ((i * 97) % 60_000);
  if (i % 50 === 0) return accept(['autogroup:member'], ['autogroup:self:*', `${tag(i)}:${port}`]);
  if (i % 20 === 0) return accept([group(i * 3)], [`10.${i % 250}.0.0/16:*`]);
  if (i % 10 === 0) return accept([tag(i * 3)], [`${tag(i * 5)}:${port}`]);
  if (i % 7 === 0) return accept([user(i * 11)], [`${tag(i * 13)}:22`, `${user(i * 17)}:22`]);
  return accept([group(i * 3), group(i * 11)], [`${tag(i * 13)}:${port},${port + 1}`]);
}

/** Node n: half of them people's devices, half tagged; one in two hundred routes for a subnet. */
export function subjectAt(n) {
  const address = 0x64400000 + n + 1;
  const v4 = [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
  return {
    id: `node-${n}`,
    ...(n % 2 === 0 ? { user: user(n / 2), tags: [] } : { tags: [tag(n)] }),
    addresses: [v4, `fd7a:115c:a1e0::${(n + 1).toString(16)}`],
    routes: n % 200 === 1 ? [`10.${((n / 200) % 250) | 0}.0.0/16`] : [],
  };
}

export const otherTag = (n) => tag(n + 1);
export const memberToAdd = { group: group(3), user: user(400) };
export const ruleToChange = { index: 501, rule: { action: 'accept', src: [group(9)], dst: [`${tag(9)}:9999`] } };
export const directory = { roleOf: () => 'member', groupsOf: () => [] };
