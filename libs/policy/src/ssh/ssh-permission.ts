import { contentHash } from '../compile/content-hash.js';
import { postureSelector } from '../compile/postures.js';
import type { Selector } from '../compile/rule.js';
import { mentionSelectors, where } from '../compile/selectors.js';
import type { Policy, SshRule } from '../language/policy.js';
import { localpartDomain } from '../language/read-ssh.js';

/** A rule of `ssh` over the same labels as the packet rules: who may log in where, as which local users. */
export interface SshPermission {
  /** A hash of the content. */
  readonly id: string;
  /** The place in the file: `ssh[0]`. */
  readonly name: string;
  readonly action: 'accept' | 'check';
  /** In seconds, for `check`: how long a check holds; 0: for one login. */
  readonly checkPeriod: number;
  readonly src: readonly Selector[];
  readonly dst: readonly Selector[];
  readonly users: SshUsers;
  readonly acceptEnv: readonly string[];
  /** Tags of the nodes that record sessions. */
  readonly recorders: readonly string[];
  readonly enforceRecorder: boolean;
}

/** The local users that a rule names. */
export interface SshUsers {
  readonly root: boolean;
  /** Everyone but root: `autogroup:nonroot`. */
  readonly nonroot: boolean;
  readonly named: readonly string[];
  /** The domains whose people may log in as the part of their login name before the @. */
  readonly localpartDomains: readonly string[];
}

/** Twelve hours, as in the reference. */
const DEFAULT_CHECK_PERIOD = 12 * 3600;

/** The SSH rules of a policy, those that check before those that accept, as the reference evaluates them. */
export function compileSsh(policy: Policy): SshPermission[] {
  const permissions = policy.ssh.map((rule) => compileRule(rule, policy));
  return [...permissions.filter(isCheck), ...permissions.filter((permission) => !isCheck(permission))];
}

const isCheck = ({ action }: SshPermission): boolean => action === 'check';

function compileRule(rule: SshRule, policy: Policy): SshPermission {
  const asked = rule.srcPosture.length > 0 ? rule.srcPosture : policy.defaultSrcPosture;
  const within = asked.length > 0 ? [postureSelector(asked.map(({ text }) => text))] : [];
  const content = {
    action: rule.action,
    checkPeriod: rule.checkPeriod ?? DEFAULT_CHECK_PERIOD,
    src: mentionSelectors(rule.src, policy).map((selector) => where(selector, within, [])),
    dst: mentionSelectors(rule.dst, policy),
    users: sortUsers(rule.users),
    acceptEnv: rule.acceptEnv,
    recorders: rule.recorder.map(({ text }) => text),
    enforceRecorder: rule.enforceRecorder,
  };
  return { id: contentHash(content), name: rule.name, ...content };
}

function sortUsers(users: readonly string[]): SshUsers {
  const domains = users.map(localpartDomain);
  return {
    root: users.includes('root'),
    nonroot: users.includes('autogroup:nonroot'),
    named: users.filter((user, i) => user !== 'root' && user !== 'autogroup:nonroot' && domains[i] === undefined),
    localpartDomains: domains.filter((domain) => domain !== undefined),
  };
}

/** Whether someone with this login name may log in as this local user. Tagged sources have no login name. */
export function admitsUser(users: SshUsers, localUser: string, login: string | undefined): boolean {
  if (localUser === '') return false;
  if (localUser === 'root') return users.root;
  if (users.nonroot || users.named.includes(localUser)) return true;
  return localpartOf(users, login) === localUser;
}

/** The local user that `localpart:*@domain` makes of a login name, if its domain is named. */
export function localpartOf(users: SshUsers, login: string | undefined): string | undefined {
  if (login === undefined) return undefined;
  const at = login.lastIndexOf('@');
  const domain = login.slice(at + 1).toLowerCase();
  const named = users.localpartDomains.some((wanted) => wanted.toLowerCase() === domain);
  return at > 0 && named ? login.slice(0, at) : undefined;
}
