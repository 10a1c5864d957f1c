import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { fromBase64, toBase64 } from '#kernel';
import type { Node, TailnetCommand } from '#tailnet';
import { decodeCommandClaim, type NodeAction, type SignedClaim } from '#wire';
import { verifyClaim } from '../auth/claims.js';
import { commandIdOf } from '../auth/command-id.js';
import { Nonces } from '../auth/nonces.js';
import { Following } from '../ledger/following.js';
import { sought } from '../ledger/sought.js';
import { Tailnets } from '../tailnet/tailnets.js';

/** A node wants something changed about itself. It answers with the revision. */
export class ChangeOwnNode extends Command<number> {
  /** @param from the address that it came from, for the audit log */
  constructor(
    readonly signed: SignedClaim,
    readonly from: string,
  ) {
    super();
  }
}

/** Checks that the node's own machine asks, and carries it out. */
@CommandHandler(ChangeOwnNode)
export class ChangeOwnNodeHandler implements ICommandHandler<ChangeOwnNode> {
  constructor(
    private readonly tailnets: Tailnets,
    private readonly following: Following,
    private readonly nonces: Nonces,
  ) {}

  async execute({ signed, from }: ChangeOwnNode): Promise<number> {
    const claim = decodeCommandClaim(signed.claim);
    const { tailnet, node } = await sought(() => this.tailnets.ofNode(claim.nodeId), this.following);
    verifyClaim('command', fromBase64(node.machineKey) ?? new Uint8Array(), signed);
    this.nonces.use(claim.nonce);
    const { revision } = await tailnet.writer.execute({
      id: commandIdOf(node.machineKey, claim.commandId),
      actor: { kind: 'node', id: node.id, name: node.name, from },
      command: commandFor(node, claim.action),
    });
    return revision;
  }
}

function commandFor({ id: nodeId, os }: Node, action: NodeAction): TailnetCommand {
  switch (action.kind) {
    case 'rotate-key':
      return { type: 'RotateKey', data: { nodeId, nodeKey: toBase64(action.nodeKey) } };
    case 'advertise-routes':
      return { type: 'AdvertiseRoutes', data: { nodeId, prefixes: action.prefixes } };
    case 'set-hostname':
      return { type: 'SetHostname', data: { nodeId, hostname: action.hostname, os } };
    case 'logout':
      return { type: 'ExpireNode', data: { nodeId } };
  }
}
