import { type JsonNode, plainValue } from '../hujson/json-node.js';
import { readTarget } from './mentions.js';
import type { Mention, PolicyTest, SshTest } from './policy.js';
import { readProtocol } from './read-access.js';
import type { Reader, Word } from './reader.js';
import type { Scope } from './scope.js';
import { SSH_TEST_DST, SSH_TEST_SRC } from './slots.js';

/** The entries of `tests`. What they say is looked at when they run, so that each failure is told the same way. */
export function readTests(reader: Reader, node: JsonNode): PolicyTest[] {
  return reader.items(node, '"tests"').map((item, index) => readTest(reader, item, `tests[${index}]`));
}

function readTest(reader: Reader, node: JsonNode, name: string): PolicyTest {
  let src = '';
  let protocols: readonly number[] = [];
  let protocolName = '';
  let attributes: Record<string, unknown> | undefined;
  const lists: Record<'accept' | 'deny', Word[]> = { accept: [], deny: [] };
  const readSrc = (value: JsonNode) => {
    src = reader.string(value, '"src"')?.trim() ?? '';
  };
  const readAccept = (value: JsonNode) => {
    lists.accept = reader.words(value, '"accept"');
  };
  reader.fields(node, name, {
    src: readSrc,
    user: readSrc,
    proto: (value) => {
      protocols = readProtocol(reader, value);
      protocolName = value.kind === 'string' ? value.value : '';
    },
    accept: readAccept,
    allow: readAccept,
    deny: (value) => {
      lists.deny = reader.words(value, '"deny"');
    },
    srcPostureAttrs: (value) => {
      attributes = plainValue(value) as Record<string, unknown>;
    },
  });
  return { ...reader.place(node), name, src, protocols, protocolName, srcPostureAttributes: attributes, ...lists };
}

/** The entries of `sshTests`. */
export function readSshTests(reader: Reader, node: JsonNode, scope: Scope): SshTest[] {
  return reader.items(node, '"sshTests"').map((item, index) => readSshTest(reader, item, `sshTests[${index}]`, scope));
}

function readSshTest(reader: Reader, node: JsonNode, name: string, scope: Scope): SshTest {
  let src: Mention | undefined;
  const dst: Mention[] = [];
  const users: Record<'accept' | 'deny' | 'check', readonly string[]> = { accept: [], deny: [], check: [] };
  const readUsers = (list: 'accept' | 'deny' | 'check') => (value: JsonNode) => {
    users[list] = reader.words(value, `"${list}"`).map(({ text }) => text);
  };
  reader.fields(node, name, {
    src: (value) => {
      const word = { ...reader.place(value), text: reader.string(value, '"src"')?.trim() ?? '' };
      const target = word.text ? readTarget(reader, word, SSH_TEST_SRC, scope) : undefined;
      src = target && { ...word, target };
    },
    dst: (value) => {
      for (const word of reader.words(value, '"dst"')) {
        const target = readTarget(reader, word, SSH_TEST_DST, scope);
        if (!target) continue;
        if (isRange(target, scope)) {
          const message = SSH_TEST_DST.refuse(word.text);
          reader.error(word, { code: 'policy.misplaced_name', message, hint: 'a test names a single host' });
        }
        dst.push({ ...word, target });
      }
    },
    accept: readUsers('accept'),
    deny: readUsers('deny'),
    check: readUsers('check'),
  });
  return { ...reader.place(node), name, src, dst, ...users };
}

function isRange(target: Mention['target'], scope: Scope): boolean {
  const prefixes = target.kind === 'addresses' ? target.prefixes : [];
  const host = target.kind === 'host' ? scope.hosts.get(target.name) : undefined;
  return prefixes.length > 1 || [...prefixes, ...(host ? [host] : [])].some((prefix) => !isHostPrefix(prefix));
}

export const isHostPrefix = (prefix: string): boolean => prefix.endsWith(prefix.includes(':') ? '/128' : '/32');
