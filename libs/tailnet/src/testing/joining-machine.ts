import type { CommandData } from '../commands.js';
import type { JoinProof } from '../nodes/node-commands.js';
import { sampleKey } from './sample-key.js';
import { nodeId } from './tailnet-builder.js';

/** A machine of this name asks to join; its keys are those that a built node of that name has. */
export const joiningMachine = (name: string, proof: JoinProof): CommandData['JoinNode'] => ({
  nodeId: nodeId(name),
  machineKey: sampleKey(`${name} machine`),
  nodeKey: sampleKey(`${name} node`),
  hostname: name,
  os: 'linux',
  proof,
  requestedTags: [],
  ephemeral: false,
});
