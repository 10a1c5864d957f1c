import type { NetworkView } from '../address/network-view.js';
import { concernsOwn, type LabelledNode, needsSameUser, sameUser } from '../compile/reach.js';
import { localpartOf, type SshPermission } from './ssh-permission.js';

/** The reference's own form of an SSH rule (tailcfg.SSHRule). */
export interface ReferenceSshRule {
  readonly principals: readonly { readonly nodeIP: string }[];
  /** Local user asked for → local user given; `=` the same, empty: refused. */
  readonly sshUsers: Readonly<Record<string, string>>;
  readonly action: Readonly<Record<string, unknown>>;
  readonly acceptEnv?: readonly string[];
}

const ACCEPT = {
  accept: true,
  allowAgentForwarding: true,
  allowLocalPortForwarding: true,
  allowRemotePortForwarding: true,
};

/** Where the reference's client asks whether a check was passed. */
const CHECK = {
  holdAndDelegate: 'https://unused/machine/ssh/action/$SRC_NODE_ID/to/$DST_NODE_ID?local_user=$LOCAL_USER',
};

/** Sources that get the same rule: the devices of one user, or tagged nodes. */
interface Party {
  readonly login: string | undefined;
  readonly nodes: readonly LabelledNode[];
}

/** The SSH rules of one node, as the reference would send them. */
export function toSshRules(view: NetworkView, id: string): ReferenceSshRule[] {
  const node = view.node(id);
  return node ? view.compiled.ssh.flatMap((permission) => rulesAt(view, permission, node)) : [];
}

function rulesAt(view: NetworkView, permission: SshPermission, node: LabelledNode): ReferenceSshRule[] {
  const parties = sourceParties(view, permission);
  const own = parties.filter(({ nodes }) => nodes.some(({ subject }) => sameUser(subject, node.subject)));
  const toSelf = permission.dst.some(needsSameUser) ? own.flatMap((party) => partyRules(permission, party)) : [];
  const others = permission.dst.filter((selector) => !needsSameUser(selector));
  if (others.some((selector) => concernsOwn(selector, node)))
    return [...toSelf, ...destinationRules(permission, parties)];
  // A source that is no destination still learns the rules of its own user, when they depend on the user.
  const isSource = permission.src.some((selector) => concernsOwn(selector, node));
  if (others.length === 0 || permission.users.localpartDomains.length === 0 || !isSource) return toSelf;
  const itself = node.subject.tags.length > 0 ? [{ login: undefined, nodes: [node] }] : own;
  return [...toSelf, ...itself.flatMap((party) => partyRules(permission, party))];
}

function destinationRules(permission: SshPermission, parties: readonly Party[]): ReferenceSshRule[] {
  if (permission.users.localpartDomains.length > 0) return parties.flatMap((party) => partyRules(permission, party));
  const nodes = parties.flatMap((party) => party.nodes);
  return nodes.length > 0 ? [commonRule(permission, nodes)] : [];
}

function sourceParties(view: NetworkView, { src }: SshPermission): Party[] {
  const byUser = new Map<string | undefined, LabelledNode[]>();
  for (const node of view.nodes) {
    if (!src.some((selector) => concernsOwn(selector, node))) continue;
    const login = node.subject.tags.length > 0 ? undefined : node.subject.user;
    byUser.set(login, [...(byUser.get(login) ?? []), node]);
  }
  return [...byUser].map(([login, nodes]) => ({ login, nodes }));
}

function partyRules(permission: SshPermission, { login, nodes }: Party): ReferenceSshRule[] {
  const common = commonRule(permission, nodes);
  const localpart = localpartOf(permission.users, login);
  return localpart === undefined ? [common] : [common, { ...common, sshUsers: { [localpart]: localpart } }];
}

function commonRule({ action, users, acceptEnv }: SshPermission, nodes: readonly LabelledNode[]): ReferenceSshRule {
  const addresses = nodes.flatMap(({ subject }) => subject.addresses);
  return {
    principals: addresses.map((nodeIP) => ({ nodeIP })),
    sshUsers: {
      ...(users.nonroot && { '*': '=' }),
      root: users.root ? 'root' : '',
      ...Object.fromEntries(users.named.map((user) => [user, user])),
    },
    action: action === 'check' ? CHECK : ACCEPT,
    ...(acceptEnv.length > 0 && { acceptEnv }),
  };
}
