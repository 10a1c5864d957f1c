import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { agentSocket, SYSTEM_SOCKET } from '../../../../agent/src/local-api/agent-paths.js';
import { LocalClient } from '../../local/local-client.js';
import type { Io } from '../../output/io.js';

/** Gives a command that talks to the agent of this machine the option that says where it listens. */
export const withSocket = (command: Command): Command =>
  command.option('--socket <path>', 'where the agent listens (default: this user’s agent, else the system’s)');

/** The agent that the option, the environment or the user means. */
export function agentOf(io: Io, socket: string | undefined): LocalClient {
  if (socket) return new LocalClient(socket);
  const own = agentSocket(io);
  // The folder of the system's socket hides what is in it from others; that it is there says enough.
  const onlySystems = !io.env.NETFOLD_SOCKET && !existsSync(own) && existsSync(dirname(SYSTEM_SOCKET));
  return new LocalClient(onlySystems ? SYSTEM_SOCKET : own);
}
