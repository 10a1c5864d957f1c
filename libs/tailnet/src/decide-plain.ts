import { ok } from '#kernel';
import { decideReviewRules } from './changes/decide-review-rules.js';
import { decideCredentials } from './credentials/decide-credentials.js';
import type { Deciders, Decision, Request } from './decider.js';
import { decideDns } from './dns/decide-dns.js';
import { decideNodes } from './nodes/decide-nodes.js';
import type { PlainCommands } from './plain-commands.js';
import { decidePolicy } from './policy/decide-policy.js';
import { decideRoutes } from './routes/decide-routes.js';
import { settleApprovals } from './routes/settle-approvals.js';
import type { TailnetState } from './state.js';
import { decideTailnet } from './tailnet/decide-tailnet.js';
import { decideUsers } from './users/decide-users.js';

const DECIDERS: Deciders<PlainCommands> = {
  ...decideTailnet,
  ...decideUsers,
  ...decideCredentials,
  ...decideNodes,
  ...decideRoutes,
  ...decidePolicy,
  ...decideDns,
  ...decideReviewRules,
};

/** A command that acts on the tailnet itself, and not on a proposal to change it. */
export type PlainCommand<T extends keyof PlainCommands = keyof PlainCommands> = {
  [K in T]: { readonly type: K; readonly data: PlainCommands[K] };
}[T];

export const isPlain = (command: { readonly type: string }): command is PlainCommand =>
  Object.hasOwn(DECIDERS, command.type);

/** The events of such a command, with what follows from them for routes that the policy approves. */
export function decidePlain(state: TailnetState, command: PlainCommand, request: Request): Decision {
  const decision = run(state, command, request);
  return decision.ok ? ok(settleApprovals(state, decision.value, request.now)) : decision;
}

const run = <T extends keyof PlainCommands>(
  state: TailnetState,
  command: PlainCommand<T>,
  request: Request,
): Decision => DECIDERS[command.type](state, command.data, request);
