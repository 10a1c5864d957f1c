import type { Map as PersistentMap } from 'immutable';
import type { TailnetState } from '../state.js';
import type { Node } from './node.js';

/** Adds a node, or replaces the one with its id, and keeps the indexes true. */
export function putNode(state: TailnetState, node: Node): TailnetState {
  const old = state.nodes.get(node.id);
  return {
    ...state,
    nodes: state.nodes.set(node.id, node),
    byMachineKey: reindex(state.byMachineKey, node.id, old?.machineKey, node.machineKey),
    byNodeKey: reindex(state.byNodeKey, node.id, old?.nodeKey, node.nodeKey),
    byName: reindex(state.byName, node.id, old?.name, node.name),
    byAddress: reindex(reindex(state.byAddress, node.id, old?.ipv4, node.ipv4), node.id, old?.ipv6, node.ipv6),
  };
}

export function dropNode(state: TailnetState, nodeId: string): TailnetState {
  const old = state.nodes.get(nodeId);
  if (!old) return state;
  return {
    ...state,
    nodes: state.nodes.delete(nodeId),
    byMachineKey: reindex(state.byMachineKey, nodeId, old.machineKey, undefined),
    byNodeKey: reindex(state.byNodeKey, nodeId, old.nodeKey, undefined),
    byName: reindex(state.byName, nodeId, old.name, undefined),
    byAddress: reindex(reindex(state.byAddress, nodeId, old.ipv4, undefined), nodeId, old.ipv6, undefined),
  };
}

/** The state with this node changed; the same state when there is no such node. */
export function changeNode(state: TailnetState, nodeId: string, change: Partial<Node>): TailnetState {
  const node = state.nodes.get(nodeId);
  return node ? putNode(state, { ...node, ...change }) : state;
}

function reindex(
  index: PersistentMap<string, string>,
  nodeId: string,
  before: string | undefined,
  after: string | undefined,
): PersistentMap<string, string> {
  if (before === after) return index;
  // Another node may have taken the entry if the events made no sense; it is not this node's to remove.
  const without = before !== undefined && index.get(before) === nodeId ? index.delete(before) : index;
  return after === undefined ? without : without.set(after, nodeId);
}
