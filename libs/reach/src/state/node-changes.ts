import type { Node, Route, TailnetState } from '#tailnet';
import { changedEntries } from './changed-entries.js';
import { instant, listed, type StateChange } from './state-change.js';

/** What became of the machines, and of the routes that they serve. */
export function* nodeChanges(before: TailnetState, after: TailnetState): Iterable<StateChange> {
  for (const [, old, node] of changedEntries(before.nodes, after.nodes)) {
    const subject = node?.name ?? old?.name ?? '';
    for (const what of wordsOf(old && { node: old, state: before }, node && { node, state: after })) {
      yield { about: 'node', subject, what };
    }
    if (old?.routes === node?.routes) continue;
    for (const prefix of new Set([...(node?.routes.keys() ?? []), ...(old?.routes.keys() ?? [])])) {
      const what = routeWords(old?.routes.get(prefix), node?.routes.get(prefix));
      if (what) yield { about: 'route', subject: `${prefix} through ${subject}`, what };
    }
  }
}

interface Placed {
  readonly node: Node;
  readonly state: TailnetState;
}

function wordsOf(old: Placed | undefined, fresh: Placed | undefined): string[] {
  if (!fresh) return ['is removed'];
  const { node } = fresh;
  if (!old) return [`joins as ${ownerOf(fresh)}${node.approved ? '' : ', and waits for approval'}`];
  const was = old.node;
  const words: (string | false)[] = [
    was.name !== node.name && `is renamed, from ${was.name}`,
    ownerOf(old) !== ownerOf(fresh) && `belongs to ${ownerOf(fresh)}, not to ${ownerOf(old)}`,
    was.approved !== node.approved && (node.approved ? 'is approved' : 'waits for approval'),
    was.expired !== node.expired && (node.expired ? 'has an expired key' : 'is logged in again'),
    was.nodeKey !== node.nodeKey && 'has a new key',
    was.keyExpiresAt !== node.keyExpiresAt && `has a key that ${expiryOf(node)}`,
    was.ipv4 !== node.ipv4 && `has the address ${node.ipv4}, not ${was.ipv4}`,
    was.os !== node.os && `runs ${node.os}, not ${was.os}`,
    was.hostname !== node.hostname && `calls itself ${node.hostname}`,
    was.ephemeral !== node.ephemeral && (node.ephemeral ? 'is removed once it is offline' : 'stays when it is offline'),
  ];
  return words.filter((text) => text !== false);
}

const ownerOf = ({ node, state }: Placed): string =>
  node.tags.length > 0 ? listed(node.tags) : (state.users.get(node.userId ?? '')?.login ?? 'nobody');

const expiryOf = ({ keyExpiresAt }: Node): string =>
  keyExpiresAt === null ? 'does not expire' : `expires on ${instant(keyExpiresAt)}`;

function routeWords(old: Route | undefined, route: Route | undefined): string | undefined {
  const [was, is] = [standingOf(old), standingOf(route)];
  return was === is ? undefined : is;
}

function standingOf(route: Route | undefined): string {
  if (!route) return 'is not offered';
  if (route.inForceSince >= 0) return `is in force, approved by ${route.by === 'policy' ? 'the policy' : 'an admin'}`;
  if (route.advertised) return route.by === 'admin' ? 'is refused by an admin' : 'waits for approval';
  return route.approved ? 'is approved, and not offered' : 'is refused by an admin, and not offered';
}
