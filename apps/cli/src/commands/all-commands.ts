import { diffCommand } from './admin/diff.js';
import { dnsCommand } from './admin/dns.js';
import { keyCommand } from './admin/key.js';
import { logCommand } from './admin/log.js';
import { loginCommand } from './admin/login.js';
import { nodeCommand } from './admin/node.js';
import { policyCommand } from './admin/policy.js';
import { reachCommand } from './admin/reach.js';
import { routeCommand } from './admin/route.js';
import { setAclCommand } from './admin/set-acl.js';
import { settingsCommand } from './admin/settings.js';
import { showCommand } from './admin/show.js';
import { tokenCommand } from './admin/token.js';
import { traceCommand } from './admin/trace.js';
import { userCommand } from './admin/user.js';
import { changeCommand } from './changes/change.js';
import { revertCommand } from './changes/revert.js';
import type { CommandFactory } from './command.js';
import { agentCommand } from './daemon/agent.js';
import { quickstartCommand } from './daemon/quickstart.js';
import { serverCommand } from './daemon/server.js';
import { checkpointCommand } from './ledger/checkpoint.js';
import { exportCommand } from './ledger/export.js';
import { importCommand } from './ledger/import.js';
import { replayCommand } from './ledger/replay.js';
import { verifyCommand } from './ledger/verify.js';
import { completionCommand } from './local/completion.js';
import { debugCommand } from './local/debug.js';
import { downCommand } from './local/down.js';
import { ipCommand } from './local/ip.js';
import { ledgerCommand } from './local/ledger.js';
import { logoutCommand } from './local/logout.js';
import { netcheckCommand } from './local/netcheck.js';
import { pingCommand } from './local/ping.js';
import { setCommand } from './local/set.js';
import { statusCommand } from './local/status.js';
import { upCommand } from './local/up.js';
import { whoisCommand } from './local/whois.js';

/** Every command, in the order of the help. */
export const ALL_COMMANDS: readonly CommandFactory[] = [
  upCommand,
  downCommand,
  statusCommand,
  ipCommand,
  whoisCommand,
  pingCommand,
  netcheckCommand,
  setCommand,
  logoutCommand,
  ledgerCommand,
  debugCommand,
  loginCommand,
  showCommand,
  nodeCommand,
  routeCommand,
  userCommand,
  keyCommand,
  tokenCommand,
  setAclCommand,
  policyCommand,
  reachCommand,
  diffCommand,
  dnsCommand,
  settingsCommand,
  changeCommand,
  revertCommand,
  logCommand,
  traceCommand,
  checkpointCommand,
  verifyCommand,
  exportCommand,
  importCommand,
  replayCommand,
  agentCommand,
  serverCommand,
  quickstartCommand,
  completionCommand,
];
