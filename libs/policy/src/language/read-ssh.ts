import type { JsonNode } from '../hujson/json-node.js';
import { formatDuration, parseDuration } from './duration.js';
import { foreignDomain, readMentions } from './mentions.js';
import type { Mention, SshRule } from './policy.js';
import { readPostureNames } from './read-postures.js';
import type { Reader, Word } from './reader.js';
import type { Scope } from './scope.js';
import { RECORDER, SSH_DST, SSH_SRC } from './slots.js';

/** The longest time between two checks, in seconds: seven days. */
const MAX_CHECK_PERIOD = 168 * 3600;

type Parts = Partial<Record<string, JsonNode>>;

/** The rules of `ssh`. */
export function readSsh(reader: Reader, node: JsonNode, scope: Scope): SshRule[] {
  return reader.items(node, '"ssh"').map((item, index) => readRule(reader, item, `ssh[${index}]`, scope));
}

function readRule(reader: Reader, node: JsonNode, name: string, scope: Scope): SshRule {
  const parts: Parts = {};
  const keep = (value: JsonNode, { key }: { key: string }) => {
    parts[key.toLowerCase()] = value;
  };
  reader.fields(node, name, {
    action: keep,
    src: keep,
    dst: keep,
    users: keep,
    checkPeriod: keep,
    acceptEnv: keep,
    recorder: keep,
    enforceRecorder: keep,
    srcPosture: keep,
  });
  const action = readAction(reader, node, parts.action);
  const users = readUsers(reader, node, parts.users, scope);
  const acceptEnv = readAcceptEnv(reader, parts.acceptenv);
  const src = parts.src ? readMentions(reader, parts.src, SSH_SRC, scope) : [];
  const dst = parts.dst ? readMentions(reader, parts.dst, SSH_DST, scope) : [];
  checkCombination(reader, src, dst);
  return {
    ...reader.place(node),
    name,
    action,
    src,
    dst,
    users: users.map(({ text }) => text),
    acceptEnv,
    checkPeriod: readCheckPeriod(reader, parts.checkperiod, action),
    recorder: parts.recorder ? readMentions(reader, parts.recorder, RECORDER, scope) : [],
    enforceRecorder: parts.enforcerecorder ? reader.boolean(parts.enforcerecorder, '"enforceRecorder"') : false,
    srcPosture: parts.srcposture ? readPostureNames(reader, parts.srcposture, scope) : [],
  };
}

function readAction(reader: Reader, rule: JsonNode, node: JsonNode | undefined): SshRule['action'] {
  const text = node && reader.string(node, '"action"')?.trim();
  if (text === 'accept' || text === 'check') return text;
  const message = text ? `${JSON.stringify(text)} is not a valid action` : 'action must be specified';
  reader.error(node ?? rule, { code: 'policy.bad_action', message, hint: 'write "accept" or "check"' });
  return 'accept';
}

function readUsers(reader: Reader, rule: JsonNode, node: JsonNode | undefined, scope: Scope): Word[] {
  const users = node ? reader.words(node, '"users"') : [];
  if (users.length === 0) {
    const hint = 'name local users: "root", "autogroup:nonroot", "ubuntu"';
    reader.error(node ?? rule, { code: 'policy.no_users', message: 'users must be specified', hint });
  }
  for (const user of users) {
    if (user.text === '' || user.text === '*') {
      const hint = 'write "autogroup:nonroot" for every user but root';
      reader.error(user, { code: 'policy.bad_user', message: `user ${JSON.stringify(user.text)} is not valid`, hint });
    }
    const domain = localpartDomain(user.text);
    if (domain && scope.domains && !scope.domains.has(domain)) {
      reader.error(user, foreignDomain(domain, scope.domains));
    }
  }
  return users;
}

/** The domain of `localpart:*@example.com`, which stands for the part before the @ of whoever logs in. */
export function localpartDomain(user: string): string | undefined {
  return /^localpart:\*@([^@]+)$/.exec(user)?.[1];
}

function readAcceptEnv(reader: Reader, node: JsonNode | undefined): string[] {
  const words = node ? reader.words(node, '"acceptEnv"') : [];
  for (const word of words) {
    if (word.text !== '') continue;
    const hint = 'name a variable, with * and ? as wildcards';
    reader.error(word, { code: 'policy.empty_env', message: 'acceptEnv values cannot be empty', hint });
  }
  return words.map(({ text }) => text);
}

function readCheckPeriod(reader: Reader, node: JsonNode | undefined, action: string): number | undefined {
  const text = node && reader.string(node, '"checkPeriod"')?.trim();
  if (!node || text === undefined) return undefined;
  const seconds = text === 'always' ? 0 : parseDuration(text);
  const message = checkPeriodComplaint(seconds, action);
  if (message)
    reader.error(node, { code: 'policy.bad_check_period', message, hint: 'write "always", "20h" or "1h30m"' });
  return typeof seconds === 'number' ? seconds : undefined;
}

function checkPeriodComplaint(seconds: number | string, action: string): string | undefined {
  if (action !== 'check') return 'checkPeriod is only valid with action "check"';
  if (typeof seconds === 'string') return seconds;
  if (seconds < 0) return `checkPeriod ${formatDuration(seconds)} must be a positive duration`;
  return seconds > MAX_CHECK_PERIOD ? `checkPeriod ${formatDuration(seconds)} is above the max (168h)` : undefined;
}

/** People's devices are reached by their owners alone: neither tags nor other people may be sources for them. */
function checkCombination(reader: Reader, src: readonly Mention[], dst: readonly Mention[]): void {
  const tagged = src.find(({ text }) => text.startsWith('tag:') || text === 'autogroup:tagged');
  for (const mention of dst) {
    const message = combinationComplaint(mention, src, tagged !== undefined);
    if (message) reader.error(mention, { code: 'policy.ssh_combination', message, hint: 'use "autogroup:self"' });
  }
}

function combinationComplaint({ target, text }: Mention, src: readonly Mention[], tagged: boolean): string | undefined {
  if (target.kind === 'user') {
    if (tagged) return `tags in SSH source cannot access user-owned devices (${text})`;
    const same = src.length > 0 && src.every((mention) => mention.text === text);
    return same ? undefined : `user destination requires source to contain only that same user ${JSON.stringify(text)}`;
  }
  if (!tagged) return undefined;
  if (text === 'autogroup:self') return 'autogroup:self destination requires source to contain only users or groups';
  return text === 'autogroup:member'
    ? 'tags in SSH source cannot access autogroup:member (user-owned devices)'
    : undefined;
}
