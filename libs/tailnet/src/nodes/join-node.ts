import { ok } from '#kernel';
import type { AuthKey } from '../credentials/auth-key.js';
import { type Decider, type Decision, event, type Rejection, record, reject } from '../decider.js';
import type { TailnetEvent } from '../events.js';
import { badId, badKey, badText } from '../input.js';
import type { TailnetState } from '../state.js';
import { nextAddresses, poolsFor } from './addresses.js';
import { dnsLabel, freeLabel } from './dns-label.js';
import { type JoinIdentity, joinIdentity, provenKey } from './join-identity.js';
import { followHostname, reportHostname } from './naming.js';
import type { Node } from './node.js';
import type { NodeCommands } from './node-commands.js';
import { sameTags, sortedTags } from './tags.js';

type Join = NodeCommands['JoinNode'];

/** A machine joins, or logs in again: with a new node key, after an expiry, or as someone else. */
export const joinNode: Decider<Join> = (state, join, { now }) => {
  const problem = badJoin(join) ?? takenKey(state, join);
  if (problem) return reject(problem);
  const proven = provenKey(state, join);
  if (!proven.ok) return proven;
  const known = state.nodes.get(state.byMachineKey.get(join.machineKey) ?? '');
  // A retry of the join that made it a member succeeds, though by now the key may be used up.
  if (known && isRetry(state, known, join, proven.value)) return ok(reportHostname(state, known, join));
  const identity = joinIdentity(state, join, proven.value, now);
  if (!identity.ok) return identity;
  return known ? loginAgain(state, join, known, identity.value, now) : joinAnew(state, join, identity.value, now);
};

const badJoin = ({ nodeId, machineKey, nodeKey, hostname, os }: Join): Rejection | undefined =>
  badId(nodeId, 'nodeId') ??
  badKey(machineKey, 'machineKey') ??
  badKey(nodeKey, 'nodeKey') ??
  badText(hostname, 'hostname') ??
  badText(os, 'os');

function takenKey(state: TailnetState, { nodeId, machineKey, nodeKey }: Join): Rejection | undefined {
  const known = state.byMachineKey.get(machineKey);
  const holder = state.byNodeKey.get(nodeKey);
  if (holder !== undefined && holder !== known) {
    const message = `the node key belongs to ${holder}, which has another machine key`;
    return { code: 'node.wrong_machine_key', message, where: 'machineKey', hint: 'make a new node key' };
  }
  if (known !== undefined || !state.nodes.has(nodeId)) return undefined;
  return { code: 'node.id_taken', message: `there is a node ${nodeId} already`, where: 'nodeId' };
}

function isRetry(state: TailnetState, node: Node, join: Join, key: AuthKey | undefined): boolean {
  if (node.nodeKey !== join.nodeKey || node.expired || state.users.get(node.userId ?? '')?.suspended) return false;
  if (key) return node.authKeyId === key.id;
  if (!('userId' in join.proof)) return false;
  const tags = sortedTags(join.requestedTags);
  return tags.length > 0 ? sameTags(tags, node.tags) : node.userId === join.proof.userId;
}

function joinAnew(state: TailnetState, join: Join, identity: JoinIdentity, now: number): Decision {
  const user = state.users.get(identity.userId ?? '')?.login;
  const pools = poolsFor(state, { id: join.nodeId, user, tags: identity.tags });
  const addresses = state.tailnet && nextAddresses(state, state.tailnet.ula, pools);
  if (!addresses) {
    const message = `no address is left in ${pools.join(', ')}`;
    const hint = 'remove nodes that are gone, or widen "ipv4Pool", or the policy\'s "ipPool"';
    return reject({ code: 'pool.exhausted', message, hint });
  }
  return record('NodeJoined', {
    ...login(state, join, identity, now),
    nodeId: join.nodeId,
    machineKey: join.machineKey,
    name: freeLabel(dnsLabel(join.hostname), (label) => state.byName.has(label)),
    ...addresses,
  });
}

function loginAgain(state: TailnetState, join: Join, node: Node, identity: JoinIdentity, now: number): Decision {
  const same = node.userId === identity.userId && sameTags(node.tags, identity.tags);
  const approved = (same && node.approved) || isApproved(state, identity);
  return ok([
    event('NodeReauthenticated', { ...login(state, join, identity, now), nodeId: node.id, approved }),
    ...followHostname(state, node, join.hostname),
    ...(same ? [] : forgetApprovals(node)),
  ]);
}

/** An admin's approval was for the machine as whom it was: someone else has to be approved again. */
function forgetApprovals(node: Node): TailnetEvent[] {
  const approved = node.routes.filter((route) => route.approved && route.by === 'admin').keySeq();
  return approved.map((prefix) => event('RouteRevoked', { nodeId: node.id, prefix, by: 'policy' })).toArray();
}

const isApproved = (state: TailnetState, { preapproved }: JoinIdentity): boolean =>
  !state.settings.deviceApproval || preapproved;

/** What every login fixes. */
function login(state: TailnetState, { nodeKey, hostname, os }: Join, identity: JoinIdentity, now: number) {
  const { preapproved: _, ...rest } = identity;
  const { keyExpiry } = state.settings;
  const keyExpiresAt = identity.tags.length > 0 || keyExpiry === null ? null : now + keyExpiry;
  return { nodeKey, hostname, os, ...rest, approved: isApproved(state, identity), keyExpiresAt };
}
