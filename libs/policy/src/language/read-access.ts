import type { JsonNode } from '../hujson/json-node.js';
import { readMentions, readTarget } from './mentions.js';
import type { AccessRule, Mention, Service, Target } from './policy.js';
import { isAllPorts, parsePorts } from './ports.js';
import { hasPorts, PROTOCOL_NAMES, parseProtocol } from './protocols.js';
import { readPostureNames } from './read-postures.js';
import type { Reader, Word } from './reader.js';
import type { Scope } from './scope.js';
import { ACCESS_SRC, ACL_DST } from './slots.js';
import { didYouMean } from './suggest.js';

type Destination = AccessRule['dst'][number];

/** The rules of `acls`. */
export function readAcls(reader: Reader, node: JsonNode, scope: Scope): AccessRule[] {
  return reader.items(node, '"acls"').map((item, index) => readAcl(reader, item, `acls[${index}]`, scope));
}

function readAcl(reader: Reader, node: JsonNode, name: string, scope: Scope): AccessRule {
  let action: AccessRule['action'] | undefined;
  let named = false;
  let protocols: readonly number[] = [];
  let src: Mention[] = [];
  let dstNode: JsonNode | undefined;
  let srcPosture: Mention[] = [];
  const readSrc = (value: JsonNode) => {
    src = readMentions(reader, value, ACCESS_SRC, scope);
  };
  reader.fields(node, name, {
    action: (value) => {
      named = true;
      action = readAction(reader, value);
    },
    proto: (value) => {
      protocols = readProtocol(reader, value);
    },
    src: readSrc,
    dst: (value) => {
      dstNode = value;
    },
    srcPosture: (value) => {
      srcPosture = readPostureNames(reader, value, scope);
    },
    users: (value, { keyStart }) => {
      reader.warn(keyStart, {
        code: 'policy.old_field',
        message: '"users" is the old name of "src"',
        hint: 'write "src"',
      });
      readSrc(value);
    },
    ports: (value, { keyStart }) => {
      reader.warn(keyStart, {
        code: 'policy.old_field',
        message: '"ports" is the old name of "dst"',
        hint: 'write "dst"',
      });
      dstNode = value;
    },
  });
  const dst = dstNode ? readDestinations(reader, dstNode, protocols, scope) : [];
  if (!named) {
    reader.error(node, { code: 'policy.bad_action', message: 'action="" is not supported', hint: ACTION_HINT });
  }
  if (dst.some(({ to }) => isSelf(to.target))) checkSelfSources(reader, src, true);
  if (action === 'drop') refuseSelf(reader, dst);
  const place = { ...reader.place(node), source: reader.sourceOf(node) };
  return { ...place, name, action: action ?? 'accept', src, dst, via: [], srcPosture, capabilities: undefined };
}

const ACTION_HINT = 'write "accept", or "drop" to take access away; what no rule accepts is denied';

function readAction(reader: Reader, node: JsonNode): AccessRule['action'] | undefined {
  const text = reader.string(node, '"action"');
  if (text === 'accept' || text === 'drop') return text;
  const message = `action=${JSON.stringify(text ?? '')} is not supported`;
  reader.error(node, { code: 'policy.bad_action', message, hint: ACTION_HINT });
  return undefined;
}

/** The numbers of a protocol's name; empty for the default set, also when the name is wrong. */
export function readProtocol(reader: Reader, node: JsonNode): readonly number[] {
  const text = node.kind === 'number' ? String(node.value) : reader.string(node, '"proto"');
  const numbers = parseProtocol(text ?? '');
  if (typeof numbers !== 'string') return numbers;
  reader.error(node, {
    code: 'policy.bad_protocol',
    message: numbers,
    hint: () => didYouMean(text ?? '', PROTOCOL_NAMES),
  });
  return [];
}

function readDestinations(reader: Reader, node: JsonNode, protocols: readonly number[], scope: Scope): Destination[] {
  return reader.words(node, '"dst"').flatMap((word) => {
    const split = splitPorts(word.text);
    const ports = split && parsePorts(split.ports);
    if (!split || !ports || typeof ports === 'string') {
      reportPorts(reader, word, split, ports);
      return [];
    }
    const target = readTarget(reader, { ...word, text: split.target }, ACL_DST, scope);
    checkPortless(reader, word, { protocols, ports });
    return target ? [{ to: { ...word, target }, services: [{ protocols, ports }] }] : [];
  });
}

/** Splits `tag:web:80`, `[fd00::1]:80`, `[fd00::]/64:80` or `fd00::1:80` at its last colon. */
export function splitPorts(text: string): { target: string; ports: string } | undefined {
  const found = /^(?:\[([^\]]*)\]([^:]*)|(.*)):([^:]*)$/s.exec(text);
  if (!found?.[4]) return undefined;
  const target = found[3] ?? `${found[1]}${found[2]}`;
  return target ? { target, ports: found[4] } : undefined;
}

const RANGE_HINTS: Readonly<Record<string, string>> = {
  'port number out of range': 'ports are 1 to 65535',
  'invalid port range: first port is greater than last port': 'write the smaller port first',
};

function reportPorts(reader: Reader, word: Word, split: ReturnType<typeof splitPorts>, complaint: unknown): void {
  const message =
    split === undefined
      ? `dst=${JSON.stringify(word.text)}: hostport must contain a colon`
      : `dst=${JSON.stringify(word.text)}: port range ${JSON.stringify(split.ports)}: ${complaint}`;
  const base = /^(?:tag|group|autogroup|ipset)$/.test(split?.target ?? '') ? word.text : (split?.target ?? word.text);
  const hint =
    RANGE_HINTS[String(complaint)] ??
    `write the ports after the last colon: ${JSON.stringify(`${base}:22`)}, ${JSON.stringify(`${base}:80,443`)} or ${JSON.stringify(`${base}:*`)}`;
  reader.error(word, { code: 'policy.bad_ports', message, hint });
}

/** @see readDestinations; grants check the same */
export function checkPortless(reader: Reader, word: Word, { protocols, ports }: Service): void {
  const portless = protocols.find((protocol) => !hasPorts(protocol));
  if (portless === undefined || isAllPorts(ports)) return;
  const message = `protocol does not support specific ports: ${portless}, only "*" is allowed`;
  reader.error(word, { code: 'policy.bad_ports', message, hint: 'only tcp, udp and sctp have ports' });
}

export const isSelf = (target: Target): boolean => target.kind === 'autogroup' && target.name === 'autogroup:self';

/** What a person's own devices do among themselves is cut by naming the person: each would be a rule of their own. */
function refuseSelf(reader: Reader, dst: readonly Destination[]): void {
  const self = dst.find(({ to }) => isSelf(to.target));
  const message = 'autogroup:self cannot be the dst of a drop rule';
  if (self)
    reader.error(self.to, { code: 'policy.self_drop', message, hint: 'leave it out of the accept rule instead' });
}

/**
 * `autogroup:self` means "the devices of whoever asks", so each source must be people. An ACL may also say `*`, as far as
 * people are behind it; a grant may not.
 */
export function checkSelfSources(reader: Reader, src: readonly Mention[], wildcardAllowed: boolean): void {
  const wrong = src.find(({ target }) => {
    if (target.kind === 'autogroup')
      return target.name === 'autogroup:tagged' || target.name === 'autogroup:danger-all';
    if (target.kind === 'wildcard') return !wildcardAllowed;
    return target.kind !== 'user' && target.kind !== 'group' && target.kind !== 'domain';
  });
  if (!wrong) return;
  reader.error(wrong, {
    code: 'policy.self_source',
    message: 'autogroup:self can only be used with users, groups, or supported autogroups',
    hint: `${JSON.stringify(wrong.text)} has no user; use "autogroup:member" as the source, or name the destination`,
  });
}
