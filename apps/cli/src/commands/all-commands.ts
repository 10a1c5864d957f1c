import type { CommandFactory } from './command.js';
import { debugCommand } from './local/debug.js';
import { downCommand } from './local/down.js';
import { ipCommand } from './local/ip.js';
import { logoutCommand } from './local/logout.js';
import { pingCommand } from './local/ping.js';
import { setCommand } from './local/set.js';
import { statusCommand } from './local/status.js';
import { upCommand } from './local/up.js';

/** Every command, in the order of the help. */
export const ALL_COMMANDS: readonly CommandFactory[] = [
  upCommand,
  downCommand,
  statusCommand,
  ipCommand,
  pingCommand,
  setCommand,
  logoutCommand,
  debugCommand,
];
