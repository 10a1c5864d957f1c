// A captured case as the policy library sees it.

/** The reference stamps these on the devices of whoever has the role; nothing else in a capture tells it. */
const ROLE_MARKS = [
  ['https://tailscale.com/cap/is-owner', 'owner'],
  ['https://tailscale.com/cap/is-admin', 'admin'],
];

/** The network of a case: its nodes as subjects, and its people with their roles. */
export function caseNetwork(golden) {
  const subjects = Object.entries(golden.nodes).map(([id, node]) => subject(golden, id, node));
  const roles = new Map(golden.users.map(({ email }) => [email, roleOf(golden, email)]));
  return { subjects, directory: { roleOf: (login) => roles.get(login), groupsOf: () => [] } };
}

const ownerOf = (golden, node) => golden.users.find(({ name }) => name === node.user) ?? golden.users[0];

function subject(golden, id, node) {
  return {
    id,
    ...(node.tags.length === 0 && { user: ownerOf(golden, node).email }),
    tags: node.tags,
    addresses: [node.ipv4, node.ipv6].filter(Boolean),
    routes: routesInForce(golden, id, node),
  };
}

const routesInForce = (golden, id, node) => [
  ...new Set([...(node.approved_routes ?? []), ...routesInFlux(golden, id)]),
];

/** The routes of a node that peers were shown though they are not listed as approved: captured in the middle of a change. */
export function routesInFlux(golden, id) {
  const listed = golden.nodes[id].approved_routes ?? [];
  const shown = Object.values(golden.expected ?? {}).flatMap(({ peers }) => peers?.[id]?.primaryRoutes ?? []);
  return [...new Set(shown)].filter((route) => !listed.includes(route));
}

/** Which of several routers is the primary of a prefix is decided by who is online, and so read from the capture. */
export function casePrimaries(golden) {
  const primaries = new Map();
  for (const [id, { self }] of Object.entries(golden.expected ?? {})) {
    for (const route of self?.primaryRoutes ?? []) primaries.set(route, id);
  }
  return primaries;
}

function roleOf(golden, email) {
  const devices = Object.entries(golden.nodes).filter(
    ([, node]) => node.tags.length === 0 && ownerOf(golden, node).email === email,
  );
  const mark = ROLE_MARKS.find(([capability]) =>
    devices.some(([id]) => capability in (golden.expected?.[id]?.self?.capMap ?? {})),
  );
  return mark?.[1] ?? 'member';
}

/** The domain of the tailnet, whose users a policy may name by `user:*@domain`. */
export const caseDomains = (golden) => [golden.tailnet.slice(golden.tailnet.lastIndexOf('@') + 1)];
