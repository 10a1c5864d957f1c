import type { JsonNode } from '../hujson/json-node.js';
import type { Mention, Target } from './policy.js';
import type { Reader, Remark, Word } from './reader.js';
import type { Scope } from './scope.js';
import { didYouMean } from './suggest.js';
import { AUTOGROUPS, parseTarget, tagComplaint } from './targets.js';

/** A position in the file where targets stand, with what may stand there and how it complains. */
export interface Slot {
  /** `src of an ACL`, for messages. */
  readonly name: string;
  readonly kinds: readonly Target['kind'][];
  readonly autogroups: readonly string[];
  /** What the reference answers to a kind that has no place here. */
  refuse(text: string): string;
  /** What the reference answers to a tag that no one owns. */
  unknownTag(tag: string): string;
}

/** The mentions in a list, without those that are wrong. */
export function readMentions(reader: Reader, node: JsonNode, slot: Slot, scope: Scope): Mention[] {
  return reader.words(node, slot.name).flatMap((word) => {
    const target = readTarget(reader, word, slot, scope);
    return target ? [{ ...word, target }] : [];
  });
}

/** What a word names, when it is well formed, allowed in this slot, and defined. Else the problem is reported. */
export function readTarget(reader: Reader, word: Word, slot: Slot, scope: Scope): Target | undefined {
  const target = parseTarget(word.text);
  if (typeof target === 'string') {
    reader.error(word, {
      code: 'policy.bad_name',
      message: target,
      hint: () => prefixHint(word.text, scope) ?? formHint(word.text, slot),
    });
    return undefined;
  }
  const complaint = misplaced(target, word.text, slot) ?? undefinedName(target, slot, scope);
  if (complaint) reader.error(word, complaint);
  return complaint ? undefined : target;
}

function misplaced(target: Target, text: string, slot: Slot): Remark | undefined {
  if (target.kind === 'autogroup' && !AUTOGROUPS.includes(target.name)) {
    const message = `invalid autogroup: ${JSON.stringify(target.name)}`;
    return { code: 'policy.unknown_autogroup', message, hint: () => didYouMean(target.name, AUTOGROUPS) };
  }
  const allowed = slot.kinds.includes(target.kind);
  if (allowed && (target.kind !== 'autogroup' || slot.autogroups.includes(target.name))) return undefined;
  return { code: 'policy.misplaced_name', message: slot.refuse(text), hint: `${slot.name} takes ${describe(slot)}` };
}

function undefinedName(target: Target, slot: Slot, scope: Scope): Remark | undefined {
  switch (target.kind) {
    case 'tag':
      if (scope.tags.has(target.name)) return undefined;
      return missing(slot.unknownTag(target.name), target.name, scope.tags, 'tagOwners');
    case 'group':
      if (scope.groups.has(target.name)) return undefined;
      return missing(`group not found: ${JSON.stringify(target.name)}`, target.name, scope.groups, 'groups');
    case 'host':
      if (scope.hosts.has(target.name)) return undefined;
      if (/^[\d.]+$/.test(target.name))
        return { code: 'policy.bad_address', message: notFound(target.name), hint: ADDRESS_HINT };
      return missing(notFound(target.name), target.name, everyName(scope), 'hosts');
    case 'ipset':
      if (scope.ipsets.has(target.name)) return undefined;
      return missing(`ipset not found: ${JSON.stringify(target.name)}`, target.name, scope.ipsets, 'ipsets');
    case 'domain':
      if (!scope.domains || scope.domains.has(target.name)) return undefined;
      return foreignDomain(target.name, scope.domains);
    default:
      return undefined;
  }
}

const notFound = (name: string): string => `unknown user or host: ${JSON.stringify(name)}`;

const ADDRESS_HINT = 'an IPv4 address is four numbers up to 255, and a prefix of it ends in /0 to /32';

/** What is likely wrong with a text that names nothing by its form. */
function formHint(text: string, slot: Slot): string | undefined {
  if (/^[\d.]+\//.test(text)) return ADDRESS_HINT;
  const port = /^(.+):[\d*,-]+$/.exec(text);
  if (port) return `${slot.name} takes no ports: write ${JSON.stringify(port[1])}`;
  return undefined;
}

/** What the reference answers to a domain that none of the tailnet's users has. */
export const foreignDomain = (domain: string, known: ReadonlySet<string>): Remark => ({
  code: 'policy.foreign_domain',
  message: `${domain} is not associated with this Tailnet and cannot be used in user:*@<domain> expressions`,
  hint: () => didYouMean(domain, known) ?? `the domains of its users are ${[...known].slice(0, MAX_LISTED).join(', ')}`,
});

const MAX_LISTED = 5;

function missing(message: string, name: string, known: Iterable<string>, section: string): Remark {
  const tagName = name.startsWith('tag:') ? tagComplaint(name) : undefined;
  const hint = () => tagName ?? didYouMean(name, known) ?? `define it in "${section}"`;
  return { code: 'policy.undefined_name', message, hint };
}

function* everyName(scope: Scope): Iterable<string> {
  yield* scope.hosts.keys();
  for (const group of scope.groups) yield group;
  for (const tag of scope.tags) yield tag;
}

/** For a name such as `server` that lacks the prefix of something defined. */
const prefixHint = (text: string, scope: Scope): string | undefined => didYouMean(text, everyName(scope));

const KIND_FORMS: Readonly<Record<Target['kind'], string>> = {
  wildcard: '*',
  user: 'alice@example.com',
  domain: 'user:*@example.com',
  group: 'group:…',
  tag: 'tag:…',
  autogroup: 'autogroups',
  host: 'names of hosts',
  ipset: 'ipset:…',
  addresses: 'addresses, prefixes and ranges',
};

function describe(slot: Slot): string {
  const forms = slot.kinds.map((kind) => (kind === 'autogroup' ? slot.autogroups.join(', ') : KIND_FORMS[kind]));
  return forms.join(', ');
}
