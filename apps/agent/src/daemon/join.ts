import { NetfoldError, newId } from '#kernel';
import type { NodePorts } from '../node/node-ports.js';
import type { Membership } from '../state/membership.js';
import type { AgentState } from './agent-state.js';

/**
 * Registers this machine with the control plane, and keeps on the disk which node it has become.
 * @param ledgerKey the only one that the ledger may be signed with; undefined: the one that the server names
 * @throws NetfoldError what the control plane said
 */
export async function join(
  ports: NodePorts,
  state: AgentState,
  authKey: string,
  ledgerKey: string | undefined,
): Promise<void> {
  const { serverUrl, hostname, advertiseTags } = state.preferences.value;
  if (!serverUrl) throw noServer();
  const { machine, node } = state.keys;
  const agentUrl = await ports.discover(serverUrl);
  const client = ports.connect(agentUrl);
  try {
    const registration = await client.register(
      {
        machineKey: machine.publicKey,
        nodeKey: node.publicKey,
        hostname: hostname ?? ports.hostname,
        os: ports.os,
        commandId: newId('cmd', ports.random),
        tags: advertiseTags,
        ephemeral: false,
        authKey,
      },
      (bytes) => ports.crypto.sign(machine.privateKey, bytes),
    );
    await state.ledger.pin(ledgerKey, registration.ledgerKey);
    const { nodeId, tailnet, name, addresses } = registration;
    const membership: Membership = { serverUrl, agentUrl, nodeId, tailnet, name, addresses: [...addresses] };
    await state.membership.save(membership);
  } finally {
    client.close();
  }
}

const noServer = (): NetfoldError =>
  new NetfoldError({
    code: 'agent.no_server',
    message: 'this machine does not know which server to join',
    where: '--server',
    hint: 'name it: netfold up --server https://netfold.example.com --auth-key-file FILE',
  });
