import { NetfoldError, newId, problemOf } from '#kernel';
import type { LoginBegun, RegisterClaim } from '#wire';
import type { NodePorts } from '../node/node-ports.js';
import type { Membership } from '../state/membership.js';
import type { AgentState } from './agent-state.js';

/** Why the control plane should let this machine in: a key, or a person who has said yes. */
export type JoinCredential = Pick<RegisterClaim, 'authKey' | 'loginTicket'>;

/**
 * Has a person asked, in a browser, whether this machine may join.
 * @throws NetfoldError what the control plane said
 */
export async function beginLogin(ports: NodePorts, state: AgentState): Promise<LoginBegun> {
  return atControl(ports, state, ({ client, claim, sign }) => client.beginLogin(claim, sign));
}

/**
 * Registers this machine with the control plane, and keeps on the disk which node it has become.
 * @param ledgerKey the only one that the ledger may be signed with; undefined: the one that the server names
 * @throws NetfoldError what the control plane said
 */
export async function join(
  ports: NodePorts,
  state: AgentState,
  credential: JoinCredential,
  ledgerKey: string | undefined,
): Promise<void> {
  await atControl(ports, state, async ({ client, claim, sign, serverUrl, agentUrl }) => {
    const registration = await client
      .register({ ...claim, ...credential }, sign)
      .catch((error) => refused(state, error));
    await state.ledger.pin(ledgerKey, registration.ledgerKey);
    const { nodeId, tailnet, name, addresses } = registration;
    const membership: Membership = { serverUrl, agentUrl, nodeId, tailnet, name, addresses: [...addresses] };
    await state.membership.save(membership);
  });
}

/** A tag that stood in the way is not asked for again, unless somebody names it again. */
async function refused({ preferences }: AgentState, error: unknown): Promise<never> {
  const { where } = problemOf(error);
  const advertiseTags = preferences.value.advertiseTags.filter((tag) => tag !== where);
  await preferences.save({ ...preferences.value, advertiseTags });
  throw error;
}

interface AtControl {
  readonly client: ReturnType<NodePorts['connect']>;
  readonly claim: Omit<RegisterClaim, 'nonce'>;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
  readonly serverUrl: string;
  readonly agentUrl: string;
}

/** Speaks with the control plane as this machine. */
async function atControl<T>(ports: NodePorts, state: AgentState, speak: (at: AtControl) => Promise<T>): Promise<T> {
  const { serverUrl, hostname, advertiseTags } = state.preferences.value;
  if (!serverUrl) throw noServer();
  const { machine, node } = state.keys;
  const agentUrl = await ports.discover(serverUrl);
  const client = ports.connect(agentUrl);
  const claim = {
    machineKey: machine.publicKey,
    nodeKey: node.publicKey,
    hostname: hostname ?? ports.hostname,
    os: ports.os,
    commandId: newId('cmd', ports.random),
    tags: advertiseTags,
    ephemeral: false,
  };
  const sign = (bytes: Uint8Array) => ports.crypto.sign(machine.privateKey, bytes);
  try {
    return await speak({ client, claim, sign, serverUrl, agentUrl });
  } finally {
    client.close();
  }
}

const noServer = (): NetfoldError =>
  new NetfoldError({
    code: 'agent.no_server',
    message: 'this machine does not know which server to join',
    where: '--server',
    hint: 'name it: netfold up --server https://netfold.example.com',
  });

export const needsLogin = (): NetfoldError =>
  new NetfoldError({
    code: 'agent.needs_login',
    message: 'this machine is not a member of a network',
    hint: 'join one: netfold up --server URL\nor, without a person at hand: netfold up --server URL --auth-key-file FILE',
  });
