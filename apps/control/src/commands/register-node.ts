import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Actor } from '#event-store';
import { systemRandom } from '#host';
import { NetfoldError, newId, toBase64 } from '#kernel';
import type { JoinProof, Node, User } from '#tailnet';
import { decodeRegisterClaim, type RegisterClaim, type Registration, type SignedClaim } from '#wire';
import { verifyClaim } from '../auth/claims.js';
import { commandIdOf } from '../auth/command-id.js';
import { hashSecret, parseAuthKey } from '../auth/credential-text.js';
import { Nonces } from '../auth/nonces.js';
import { Notary } from '../checkpoint/notary.js';
import { Identity } from '../identity/identity.js';
import { Following } from '../ledger/following.js';
import { sought } from '../ledger/sought.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import { Tailnets } from '../tailnet/tailnets.js';

/** How long a call waits for a person; then the machine asks again. */
const PATIENCE_MS = 8_000;

/** What a credential is good for. */
interface Opened {
  readonly tailnet: Tailnet;
  readonly proof: JoinProof;
  /** Who has said yes. */
  readonly user?: User;
}

/** A machine wants to be a node. */
export class RegisterNode extends Command<Registration> {
  /** @param from the address that it came from, for the audit log */
  constructor(
    readonly signed: SignedClaim,
    readonly from: string,
  ) {
    super();
  }
}

/** Checks that the machine is who it says, finds the tailnet that its auth key opens, and joins it. */
@CommandHandler(RegisterNode)
export class RegisterNodeHandler implements ICommandHandler<RegisterNode> {
  constructor(
    private readonly tailnets: Tailnets,
    private readonly following: Following,
    private readonly nonces: Nonces,
    private readonly notary: Notary,
    private readonly identity: Identity,
  ) {}

  async execute({ signed, from }: RegisterNode): Promise<Registration> {
    const claim = decodeRegisterClaim(signed.claim);
    verifyClaim('register', claim.machineKey, signed);
    this.nonces.use(claim.nonce);
    const machineKey = toBase64(claim.machineKey);
    const nodeId = newId('node', systemRandom);
    const { tailnet, proof, user } = await this.#opened(claim, machineKey);
    const actor: Actor = user
      ? { kind: 'user', id: user.id, name: user.login, from }
      : { kind: 'node', id: nodeId, name: claim.hostname, from };
    const { revision } = await tailnet.writer.execute({
      id: commandIdOf(machineKey, claim.commandId),
      actor,
      command: {
        type: 'JoinNode',
        data: {
          nodeId,
          machineKey,
          nodeKey: toBase64(claim.nodeKey),
          hostname: claim.hostname,
          os: claim.os,
          proof,
          requestedTags: claim.tags,
          ephemeral: claim.ephemeral,
        },
      },
    });
    const state = await tailnet.fold.reached(revision);
    const node = state.nodes.get(state.byMachineKey.get(machineKey) ?? '');
    if (!node) throw removedMeanwhile();
    const ledgerKey = this.notary.of(tailnet).key;
    return { ...registration(node, state.tailnet?.name ?? tailnet.id, revision), ledgerKey };
  }

  async #opened({ authKey, loginTicket }: RegisterClaim, machineKey: string): Promise<Opened> {
    if (loginTicket !== undefined) return this.#signedIn(loginTicket, machineKey);
    if (authKey === undefined) throw loginNeeded();
    const parts = parseAuthKey(authKey);
    if (!parts) throw badAuthKey();
    const tailnet = await sought(() => {
      const found = this.tailnets.ofAuthKey(parts.keyId);
      if (found) return found;
      throw badAuthKey();
    }, this.following);
    return { tailnet, proof: { authKeyId: parts.keyId, secretHash: hashSecret(parts.secret) } };
  }

  /** A ticket is good for the machine that it was given to. */
  async #signedIn(ticket: string, machineKey: string): Promise<Opened> {
    if ((await this.identity.machines.about(ticket)).machineKey !== machineKey) throw badTicket();
    const verdict = await this.identity.machines.verdict(ticket, PATIENCE_MS);
    if (!verdict) throw loginPending();
    const tailnet = this.tailnets.get(verdict.tailnetId);
    const { users } = await tailnet.fold.reached(verdict.revision);
    const user = users.get(verdict.userId);
    if (!user) throw badTicket();
    return { tailnet, proof: { userId: user.id }, user };
  }
}

const registration = (node: Node, tailnet: string, revision: number): Registration => ({
  nodeId: node.id,
  tailnet,
  name: node.name,
  addresses: [node.ipv4, node.ipv6],
  status: node.expired ? 'expired' : node.approved ? 'active' : 'pending',
  revision,
});

const loginPending = (): NetfoldError =>
  new NetfoldError({ code: 'auth.login_pending', message: 'nobody has said yet whether this machine may join' });

const badTicket = (): NetfoldError =>
  new NetfoldError({
    code: 'login.unknown_code',
    message: 'this machine is not waiting to join any more',
    hint: 'begin again: netfold up',
  });

const loginNeeded = (): NetfoldError =>
  new NetfoldError({
    code: 'auth.key_needed',
    message: 'this machine cannot join without an auth key',
    where: '--auth-key',
    hint: 'ask an admin for a key: netfold key create',
  });

const badAuthKey = (): NetfoldError =>
  new NetfoldError({
    code: 'auth.bad_key',
    message: 'no tailnet here has this auth key',
    where: '--auth-key',
    hint: 'copy the whole key, nfk_…, and check that it was made on this server',
  });

const removedMeanwhile = (): NetfoldError =>
  new NetfoldError({ code: 'node.unknown', message: 'the node was removed as soon as it had joined' });
