import { Command } from 'commander';
import { print, printJson } from '../../output/io.js';
import { netmapCommand } from '../admin/netmap.js';
import { rebuildCommand } from '../admin/rebuild.js';
import { type CommandFactory, examples } from '../command.js';
import { agentOf, withSocket } from './agent-option.js';

export const debugCommand: CommandFactory = (io) => {
  const wgconf = withSocket(new Command('wgconf'))
    .summary('print the WireGuard configuration in force')
    .description(
      'Prints the WireGuard configuration that the engine works with, as `wg showconf` would.\n' +
        'Private and pre-shared keys are (hidden) unless --show-keys asks for them.',
    )
    .option('--show-keys', 'print secrets too, so that wg(8) can use the file')
    .action(async ({ socket, showKeys }: { socket?: string; showKeys?: boolean }) => {
      print(io, (await agentOf(io, socket).text(`GET /wgconf${showKeys ? '?keys=1' : ''}`)).trimEnd());
    });
  examples(wgconf, ['netfold debug wgconf', '[Interface] and [Peer] sections']);
  const rotate = withSocket(new Command('rotate-key'))
    .summary('replace the WireGuard key of this machine')
    .description('Replaces the WireGuard key of this machine; sessions carry on.')
    .action(async ({ socket }: { socket?: string }) =>
      printJson(io, await agentOf(io, socket).call('POST /rotate-key', {})),
    );
  const rotatePsk = withSocket(new Command('rotate-psk'))
    .argument('<node>', 'a name or an address')
    .summary('replace the pre-shared key of the tunnel to a node')
    .description('Agrees with a node on another pre-shared key, which happens by itself each hour; sessions carry on.')
    .action(async (peer: string, { socket }: { socket?: string }) =>
      printJson(io, await agentOf(io, socket).call('POST /rotate-preshared-key', { peer })),
    );
  examples(rotatePsk, ['netfold debug rotate-psk web-1', '{ "peer": "web-1" }']);
  return new Command('debug')
    .summary('look inside the agent, and the control plane')
    .addCommand(wgconf)
    .addCommand(netmapCommand(io))
    .addCommand(rotate)
    .addCommand(rotatePsk)
    .addCommand(rebuildCommand(io));
};
