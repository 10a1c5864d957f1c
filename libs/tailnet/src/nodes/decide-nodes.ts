import { ok } from '#kernel';
import {
  ALREADY_SO,
  type Decider,
  type Deciders,
  type Decision,
  event,
  type Request,
  record,
  reject,
} from '../decider.js';
import { badDeadline, badKey } from '../input.js';
import type { TailnetState } from '../state.js';
import { joinNode } from './join-node.js';
import { missingNode } from './missing-node.js';
import { renameNode, setHostname } from './naming.js';
import type { Node } from './node.js';
import type { NodeCommands } from './node-commands.js';
import { badTags, sameTags, sortedTags } from './tags.js';

type DecideOnNode<Data> = (node: Node, data: Data, request: Request, state: TailnetState) => Decision;

/** A decider for a command about a node that must be there. */
const onNode =
  <Data extends { readonly nodeId: string }>(decide: DecideOnNode<Data>): Decider<Data> =>
  (state, data, request) => {
    const node = state.nodes.get(data.nodeId);
    return node ? decide(node, data, request, state) : reject(missingNode(data.nodeId));
  };

export const decideNodes: Deciders<NodeCommands> = {
  JoinNode: joinNode,

  ApproveNode: onNode((node, { nodeId }) => (node.approved ? ALREADY_SO : record('NodeApproved', { nodeId }))),

  RenameNode: renameNode,

  TagNode: onNode((node, { nodeId, tags: given }, { person, reach }, state) => {
    const tags = sortedTags(given);
    if (sameTags(tags, node.tags)) return ALREADY_SO;
    if (tags.length === 0) {
      const hint = 'let the machine log in again as a user';
      return reject({
        code: 'node.no_identity',
        message: `without tags, ${node.name} would be nobody`,
        where: 'tags',
        hint,
      });
    }
    const problem = badTags(state, tags, reach === 'own' ? state.users.get(person ?? '')?.login : undefined);
    return problem ? reject(problem) : record('NodeTagged', { nodeId, tags });
  }),

  RotateKey: onNode((node, { nodeId, nodeKey }, _, state) => {
    const problem = badKey(nodeKey, 'nodeKey');
    if (problem) return reject(problem);
    if (node.nodeKey === nodeKey) return ALREADY_SO;
    if (state.byNodeKey.has(nodeKey)) {
      return reject({ code: 'node.key_taken', message: 'this node key belongs to another node', where: 'nodeKey' });
    }
    if (node.expired) {
      const message = `the key of ${node.name} has expired`;
      return reject({ code: 'node.expired', message, hint: 'log in again' });
    }
    return record('KeyRotated', { nodeId, nodeKey, keyExpiresAt: node.keyExpiresAt });
  }),

  ExpireNode: onNode((node, { nodeId }) => (node.expired ? ALREADY_SO : record('NodeExpired', { nodeId }))),

  SetNodeExpiry: onNode((node, { nodeId, keyExpiresAt }, { now }) => {
    if (node.keyExpiresAt === keyExpiresAt && !node.expired) return ALREADY_SO;
    const problem = badDeadline(keyExpiresAt, now, 'keyExpiresAt');
    return problem ? reject(problem) : record('NodeExpiryChanged', { nodeId, keyExpiresAt });
  }),

  SetHostname: setHostname,

  RemoveNode: onNode((_, { nodeId, reason }) => record('NodeRemoved', { nodeId, reason })),

  ExpireDue: (state, _, { now }) => {
    const due = state.nodes.valueSeq().filter((node) => isDue(node, now));
    return ok(due.map(({ id }) => event('NodeExpired', { nodeId: id })).toArray());
  },
};

const isDue = ({ keyExpiresAt, expired }: Node, now: number): boolean =>
  !expired && keyExpiresAt !== null && keyExpiresAt <= now;
