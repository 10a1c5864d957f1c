import { NetfoldError } from '#kernel';
import { EXIT_ROUTES } from '#plan';
import type { Node } from '../node/node.js';

/**
 * The id of the peer that a person names as the exit node: it stays the one that was meant when it gets another name.
 * A node that has no netmap yet takes the person's word.
 * @throws NetfoldError `agent.no_such_exit_node`, `agent.not_an_exit_node`
 */
export function exitNodeNamed(node: Node, wanted: string): string {
  const { self } = node.follower;
  if (!self) return wanted;
  const offering = new Set([...node.follower.routes()].filter(isExit).map(({ via }) => via));
  const peer = node.findPeer(wanted);
  if (peer && offering.has(peer.id)) return peer.id;
  const names = [...node.follower.peers()].filter(({ id }) => offering.has(id)).map(({ name }) => name);
  const others = names.length > 0 ? `these are: ${names.toSorted().join(', ')}` : 'no node is one for this machine';
  if (!peer) {
    throw new NetfoldError({
      code: 'agent.no_such_exit_node',
      message: `there is no node ${JSON.stringify(wanted)} that this machine may reach`,
      where: '--exit-node',
      hint: others,
    });
  }
  throw new NetfoldError({
    code: 'agent.not_an_exit_node',
    message: `${peer.name} is no exit node for this machine`,
    where: '--exit-node',
    hint:
      `${others}\nthree things make it one: on ${peer.name}, netfold set --advertise-exit-node; ` +
      `an admin’s netfold route approve ${peer.name} 0.0.0.0/0 and ::/0; and a policy that lets this machine reach autogroup:internet`,
  });
}

const isExit = ({ prefix }: { readonly prefix: string }): boolean => EXIT_ROUTES.includes(prefix);
