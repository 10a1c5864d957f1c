import { ok } from '#kernel';
import { ALREADY_SO, type Decider, event, record, reject } from '../decider.js';
import type { TailnetEvent } from '../events.js';
import { badText } from '../input.js';
import type { TailnetState } from '../state.js';
import { dnsLabel, freeLabel, isDnsLabel } from './dns-label.js';
import { missingNode } from './missing-node.js';
import type { Node } from './node.js';
import type { NodeCommands } from './node-commands.js';

export const renameNode: Decider<NodeCommands['RenameNode']> = (state, { nodeId, name }) => {
  const node = state.nodes.get(nodeId);
  if (!node) return reject(missingNode(nodeId));
  if (name === null) {
    if (!node.namePinned) return ALREADY_SO;
    return record('NodeRenamed', { nodeId, name: derivedName(state, node, node.hostname), pinned: false });
  }
  if (!isDnsLabel(name)) {
    const message = `${JSON.stringify(name)} is not a DNS label`;
    return reject({ code: 'node.bad_name', message, where: 'name', hint: `write it like ${dnsLabel(name)}` });
  }
  if (name === node.name && node.namePinned) return ALREADY_SO;
  const holder = state.nodes.get(state.byName.get(name) ?? nodeId);
  if (!holder || holder.id === nodeId) return record('NodeRenamed', { nodeId, name, pinned: true });
  const owner = state.users.get(holder.userId ?? '')?.login ?? holder.tags.join(', ');
  const message = `the name ${name} belongs to ${holder.id} (${holder.ipv4}, ${owner})`;
  return reject({
    code: 'node.name_taken',
    message,
    where: 'name',
    hint: 'rename that node first, or take another name',
  });
};

export const setHostname: Decider<NodeCommands['SetHostname']> = (state, data) => {
  const problem = badText(data.hostname, 'hostname') ?? badText(data.os, 'os');
  if (problem) return reject(problem);
  const node = state.nodes.get(data.nodeId);
  return node ? ok(reportHostname(state, node, data)) : reject(missingNode(data.nodeId));
};

/** The events that make what the machine says about itself so. */
export function reportHostname(
  state: TailnetState,
  node: Node,
  { hostname, os }: { readonly hostname: string; readonly os: string },
): TailnetEvent[] {
  if (hostname === node.hostname && os === node.os) return [];
  return [event('HostnameChanged', { nodeId: node.id, hostname, os }), ...followHostname(state, node, hostname)];
}

/** A new name after a new hostname, unless a person chose the name or both hostnames come to the same. */
export function followHostname(state: TailnetState, node: Node, hostname: string): TailnetEvent[] {
  if (node.namePinned || dnsLabel(hostname) === dnsLabel(node.hostname)) return [];
  const name = derivedName(state, node, hostname);
  return name === node.name ? [] : [event('NodeRenamed', { nodeId: node.id, name, pinned: false })];
}

const derivedName = (state: TailnetState, node: Node, hostname: string): string =>
  freeLabel(dnsLabel(hostname), (label) => state.byName.get(label, node.id) !== node.id);
