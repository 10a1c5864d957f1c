import { tryParsePrefix } from '#net';
import { prefixText } from '../address/prefixes.js';
import type { JsonMember, JsonNode } from '../hujson/json-node.js';
import { readMentions } from './mentions.js';
import type { Mention } from './policy.js';
import type { Reader, Word } from './reader.js';
import type { Scope } from './scope.js';
import { OWNER } from './slots.js';
import { tagComplaint } from './targets.js';

/** `groups`: name → members. A name without `group:` is read as if it had it, with a warning. */
export function readGroups(reader: Reader, node: JsonNode): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  const nested: { parent: string; word: Word }[] = [];
  for (const member of reader.entries(node, '"groups"')) {
    const name = canonicalName(reader, member, 'group:');
    const words = reader.words(member.value, `"${name}"`);
    nested.push(...words.filter(({ text }) => isGroupName(text)).map((word) => ({ parent: name, word })));
    for (const word of words) if (!isGroupName(word.text)) checkMember(reader, word);
    groups.set(
      name,
      words.map(({ text }) => text).filter((text) => text.includes('@')),
    );
  }
  reportNested(reader, nested);
  return groups;
}

const isGroupName = (text: string): boolean => text.startsWith('group:') || text.startsWith('autogroup:');

/** The reference names the last group first, so that the deepest of a chain comes before those that lead to it. */
function reportNested(reader: Reader, nested: { parent: string; word: Word }[]): void {
  nested.sort((a, b) => (a.parent < b.parent ? 1 : -1));
  for (const { parent, word } of nested) {
    const message = `groups[${JSON.stringify(parent)}]: ${JSON.stringify(word.text)}: group members cannot be recursive`;
    reader.error(word, { code: 'policy.nested_group', message, hint: `name its members in ${parent} themselves` });
  }
}

function checkMember(reader: Reader, word: Word): void {
  if (word.text.includes('@')) return;
  const message = `username must contain @, got: ${JSON.stringify(word.text)}`;
  reader.error(word, { code: 'policy.bad_member', message, hint: 'members of a group are login names' });
}

export function canonicalName(
  reader: Reader,
  member: JsonMember,
  prefix: 'group:' | 'tag:' | 'ipset:' | 'posture:',
): string {
  if (member.key.startsWith(prefix)) return member.key;
  const name = `${prefix}${member.key}`;
  reader.warn(member.keyStart, {
    code: 'policy.missing_prefix',
    message: `${JSON.stringify(member.key)} lacks its prefix and is read as ${JSON.stringify(name)}`,
    hint: `write ${JSON.stringify(name)}`,
  });
  return name;
}

/** The names that `tagOwners` defines, each with its list of owners still unread. */
export function readTagNames(reader: Reader, node: JsonNode): Map<string, JsonNode> {
  const tags = new Map<string, JsonNode>();
  for (const member of reader.entries(node, '"tagOwners"')) {
    const name = canonicalName(reader, member, 'tag:');
    const complaint = tagComplaint(name);
    const message = `tagOwners[${JSON.stringify(name)}]: ${complaint}`;
    if (complaint) reader.error(member.keyStart, { code: 'policy.bad_tag', message });
    tags.set(name, member.value);
  }
  return tags;
}

export function readOwners(reader: Reader, tags: ReadonlyMap<string, JsonNode>, scope: Scope): Map<string, Mention[]> {
  return new Map([...tags].map(([tag, owners]) => [tag, readMentions(reader, owners, OWNER, scope)]));
}

/** `hosts`: name → prefix. */
export function readHosts(reader: Reader, node: JsonNode): Map<string, string> {
  const hosts = new Map<string, string>();
  for (const member of reader.entries(node, '"hosts"')) {
    const text = reader.string(member.value, `host ${JSON.stringify(member.key)}`);
    const prefix = text === undefined ? undefined : tryParsePrefix(text.trim());
    if (prefix) hosts.set(member.key, prefixText(prefix));
    else if (text !== undefined) {
      const message = `hostname contains invalid IP address: hostname ${JSON.stringify(member.key)} address ${JSON.stringify(text)}`;
      reader.error(member.value, { code: 'policy.bad_host', message, hint: 'write an address or a CIDR prefix' });
    }
    checkHostName(reader, member);
  }
  return hosts;
}

function checkHostName(reader: Reader, { key, keyStart }: JsonMember): void {
  if (key !== '' && !/[@:/*\s]/.test(key)) return;
  const message = `invalid hostname: ${JSON.stringify(key)}`;
  reader.error(keyStart, { code: 'policy.bad_host', message, hint: 'the name of a host has no @, :, /, * or blank' });
}
