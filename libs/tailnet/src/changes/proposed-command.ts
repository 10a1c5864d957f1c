import { ROLES } from '#policy';
import type { PlainCommands } from '../plain-commands.js';
import {
  type Check,
  flag,
  listOf,
  number,
  oneOf,
  optional,
  orNull,
  recordOf,
  type Shape,
  type Shapes,
  shaped,
  text,
} from '../shape.js';
import type { ProposedCommand, Undone } from './change-commands.js';
import { isProposable, type ProposableType } from './proposable.js';
import { reviewRules } from './review-rule.js';

const role = oneOf(...ROLES);

/** What the data of each command looks like: in a change it comes from outside, and later from the ledger. */
const SHAPES: Shapes<Pick<PlainCommands, ProposableType>> = {
  ChangeSettings: {
    deviceApproval: optional(flag),
    keyExpiry: optional(orNull(number)),
    keyRotation: optional(orNull(number)),
    ipv4Pool: optional(text),
  },
  SetReviewRules: { rules: reviewRules },
  AddUser: { userId: text, login: text, displayName: text, role },
  ChangeUserRole: { userId: text, role },
  SuspendUser: { userId: text },
  ResumeUser: { userId: text },
  RemoveUser: { userId: text },
  SyncGroup: { group: text, members: listOf(text) },
  RevokeAuthKey: { keyId: text },
  RevokeApiToken: { tokenId: text },
  ApproveNode: { nodeId: text },
  RenameNode: { nodeId: text, name: orNull(text) },
  TagNode: { nodeId: text, tags: listOf(text) },
  ExpireNode: { nodeId: text },
  SetNodeExpiry: { nodeId: text, keyExpiresAt: orNull(number) },
  // The other reasons are for machines, and for the system that looks after them.
  RemoveNode: { nodeId: text, reason: oneOf('removed') },
  ApproveRoute: { nodeId: text, prefix: text },
  RevokeRoute: { nodeId: text, prefix: text },
  PublishAcl: { text, base: optional(number) },
  ConfigureDns: {
    magicDns: flag,
    nameservers: listOf(text),
    searchDomains: listOf(text),
    splitDns: recordOf(listOf(text)),
    records: listOf(shaped({ name: text, type: oneOf('A', 'AAAA', 'CNAME', 'TXT'), value: text })),
  },
};

const aCommand = shaped({ type: text, data: (value): value is object => typeof value === 'object' && value !== null });

const isProposedCommand: Check<ProposedCommand> = (value): value is ProposedCommand =>
  aCommand(value) && isProposable(value.type) && shaped<Record<string, unknown>>(SHAPES[value.type])(value.data);

export const proposedCommands = listOf(isProposedCommand);

/** The command with the members that it has and no others; undefined when its data is not what its type takes. */
export function readProposedCommand(value: unknown): ProposedCommand | undefined {
  if (!aCommand(value)) return undefined;
  const whole = { type: value.type, data: { ...DEFAULTS[value.type as ProposableType], ...value.data } };
  if (!isProposedCommand(whole)) return undefined;
  const shape: Shape<Record<string, unknown>> = SHAPES[whole.type];
  const data = Object.entries(whole.data).filter(([key, member]) => Object.hasOwn(shape, key) && member !== undefined);
  return { type: whole.type, data: Object.fromEntries(data) } as ProposedCommand;
}

/** What people need not say. */
const DEFAULTS: { readonly [T in ProposableType]?: Partial<PlainCommands[T]> } = { RemoveNode: { reason: 'removed' } };

/** What the data of a command is made of, and the first member that is wrong; undefined when it is no object. */
export function faultIn(type: ProposableType, data: unknown): { members: readonly string[]; wrong?: string } {
  const shape: Shape<Record<string, unknown>> = SHAPES[type];
  const members = Object.keys(shape);
  if (typeof data !== 'object' || data === null) return { members };
  const wrong = members.find((name) => !shape[name]?.((data as Record<string, unknown>)[name]));
  return { members, ...(wrong !== undefined && { wrong }) };
}

const revision = shaped({ revision: number });
const change = shaped({ changeId: text });

export const undone: Check<Undone> = (value): value is Undone => revision(value) || change(value);
