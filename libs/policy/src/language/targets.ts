import { tryParsePrefix } from '#net';
import { prefixText, rangePrefixes } from '../address/prefixes.js';
import { ROLES } from '../role.js';
import type { Target } from './policy.js';

/** The autogroups of the reference; `autogroup:nonroot` stands for local users and so is not a target. */
export const AUTOGROUPS: readonly string[] = [
  'autogroup:member',
  'autogroup:tagged',
  'autogroup:self',
  'autogroup:internet',
  'autogroup:danger-all',
  'autogroup:shared',
  ...ROLES.filter((role) => role !== 'member').map((role) => `autogroup:${role}`),
];

const TAG = /^tag:[A-Za-z][A-Za-z0-9.-]*$/;

/** What a text names, by its form alone; or what is wrong with it. */
export function parseTarget(text: string): Target | string {
  const addresses = parseAddresses(text);
  if (addresses) return addresses;
  if (text === '*') return { kind: 'wildcard' };
  if (text.startsWith('user:*@')) {
    const name = text.slice('user:*@'.length);
    return name ? { kind: 'domain', name } : 'a domain is missing after "user:*@"';
  }
  if (text.startsWith('group:')) return { kind: 'group', name: text };
  if (text.includes('@')) return { kind: 'user', name: text };
  if (text.startsWith('tag:')) return { kind: 'tag', name: text };
  if (text.startsWith('autogroup:')) return { kind: 'autogroup', name: text };
  if (text.startsWith('ipset:')) return { kind: 'ipset', name: text };
  if (text === '') return 'a name must not be empty';
  if (text.startsWith('host:')) return { kind: 'host', name: text.slice('host:'.length) };
  if (text.includes(':') || text.includes('/')) return `invalid alias format: ${JSON.stringify(text)}`;
  return { kind: 'host', name: text };
}

/** What is wrong with the name of a tag, if something is. */
export function tagComplaint(tag: string): string | undefined {
  if (!/^tag:[A-Za-z]/.test(tag)) return "tag names must start with a letter, after 'tag:'";
  return TAG.test(tag) ? undefined : 'tag names can only contain numbers, letters, or dashes';
}

/** What every address, prefix and range is made of: most names are told apart by it at once. */
const ADDRESS_LIKE = /^[0-9a-fA-F.:/ -]+$/;

function parseAddresses(text: string): Target | undefined {
  if (!ADDRESS_LIKE.test(text)) return undefined;
  const prefix = tryParsePrefix(text);
  if (prefix) return { kind: 'addresses', prefixes: [prefixText(prefix)] };
  const ends = text.split('-');
  if (ends.length !== 2) return undefined;
  const range = rangePrefixes(ends[0] as string, ends[1] as string);
  return range && { kind: 'addresses', prefixes: range };
}
