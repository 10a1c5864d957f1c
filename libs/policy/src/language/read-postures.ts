import type { JsonNode } from '../hujson/json-node.js';
import type { Mention, PostureCondition } from './policy.js';
import { canonicalName } from './read-names.js';
import type { Reader } from './reader.js';
import type { Scope } from './scope.js';
import { didYouMean } from './suggest.js';

/** `postures`: name → conditions, all of which a device must meet. */
export function readPostures(reader: Reader, node: JsonNode): Map<string, PostureCondition[]> {
  const postures = new Map<string, PostureCondition[]>();
  for (const member of reader.entries(node, '"postures"')) {
    const name = canonicalName(reader, member, 'posture:');
    const conditions = reader.words(member.value, `"${name}"`).flatMap((word) => {
      const condition = parseCondition(word.text);
      if (condition) return [condition];
      const message = `${JSON.stringify(word.text)} is not a posture condition`;
      const hint = `write it like "node:os == 'macos'", "custom:tier IN ['prod', 'stage']" or "node:osVersion IS SET"`;
      reader.error(word, { code: 'policy.bad_posture', message, hint });
      return [];
    });
    if (conditions.length === 0) {
      reader.error(member.keyStart, {
        code: 'policy.empty_posture',
        message: `${JSON.stringify(name)} has no conditions`,
      });
    }
    postures.set(name, conditions);
  }
  return postures;
}

/** The postures that a rule asks of its sources, each as a mention of `posture:…`. */
export function readPostureNames(reader: Reader, node: JsonNode, scope: Scope): Mention[] {
  return reader.words(node, '"srcPosture"').map((word) => {
    if (!scope.postures.has(word.text)) {
      const message = `posture not found: ${JSON.stringify(word.text)}`;
      const hint = () => didYouMean(word.text, scope.postures) ?? 'define it in "postures"';
      reader.error(word, { code: 'policy.undefined_name', message, hint });
    }
    return { ...word, target: { kind: 'host', name: word.text } };
  });
}

const CONDITION = /^\s*([a-zA-Z][\w.]*:[\w./-]+)\s+(IS SET|NOT SET|==|!=|<=|>=|<|>|IN|NOT IN)(?:\s+(\S.*?))?\s*$/s;
const LITERAL = /'([^']*)'|"([^"]*)"|(true|false)\b|(-?\d+(?:\.\d+)?)/y;

/** One condition, or undefined when the text is not one. */
export function parseCondition(text: string): PostureCondition | undefined {
  const found = CONDITION.exec(text);
  if (!found) return undefined;
  const [, attribute, operator, rest] = found as unknown as [string, string, PostureCondition['operator'], string?];
  if (operator === 'IS SET' || operator === 'NOT SET') return rest ? undefined : { attribute, operator, values: [] };
  if (rest === undefined) return undefined;
  const list = operator === 'IN' || operator === 'NOT IN';
  const values = list ? parseList(rest) : parseLiterals(rest);
  return values && (list || values.length === 1) ? { attribute, operator, values } : undefined;
}

function parseList(text: string): PostureCondition['values'] | undefined {
  return text.startsWith('[') && text.endsWith(']') ? parseLiterals(text.slice(1, -1)) : undefined;
}

/** Literals with commas between them. */
function parseLiterals(text: string): PostureCondition['values'] | undefined {
  const values: (string | number | boolean)[] = [];
  for (let at = 0; at < text.length; ) {
    LITERAL.lastIndex = at;
    const found = LITERAL.exec(text);
    if (!found) return undefined;
    values.push(found[1] ?? found[2] ?? (found[3] ? found[3] === 'true' : Number(found[4])));
    const separator = /^\s*(?:,\s*|$)/.exec(text.slice(LITERAL.lastIndex, LITERAL.lastIndex + 64));
    if (!separator) return undefined;
    at = LITERAL.lastIndex + separator[0].length;
  }
  return values;
}
