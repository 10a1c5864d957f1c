import type { PostureCondition } from '../language/policy.js';
import type { Label, Selector } from './rule.js';

const PREFIX = 'posture-any:';

/** Selects the own addresses of devices that meet one of these postures. */
export const postureSelector = (names: readonly string[]): Selector => ({
  kind: 'label',
  label: PREFIX + [...new Set(names)].sort().join('|'),
});

/** The names behind the label of a `postureSelector`, or undefined for any other label. */
export const postureNames = (label: Label): readonly string[] | undefined =>
  label.startsWith(PREFIX) ? label.slice(PREFIX.length).split('|') : undefined;

type Attributes = Readonly<Record<string, unknown>>;

/** Whether a device with these attributes meets every condition. What is not known about it counts against it. */
export function meetsPosture(conditions: readonly PostureCondition[] | undefined, attributes: Attributes): boolean {
  return conditions?.length ? conditions.every((condition) => meets(condition, attributes)) : false;
}

function meets({ attribute, operator, values }: PostureCondition, attributes: Attributes): boolean {
  const value = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
  const isSet = value !== undefined && value !== null;
  if (operator === 'IS SET') return isSet;
  if (operator === 'NOT SET') return !isSet;
  if (!isSet) return false;
  switch (operator) {
    case '==':
    case 'IN':
      return values.some((wanted) => same(value, wanted));
    case '!=':
    case 'NOT IN':
      return !values.some((wanted) => same(value, wanted));
    default:
      return ordered(compare(value, values[0]), operator);
  }
}

const same = (value: unknown, wanted: unknown): boolean => value === wanted || String(value) === String(wanted);

function ordered(comparison: number | undefined, operator: '<' | '<=' | '>' | '>='): boolean {
  if (comparison === undefined) return false;
  if (comparison === 0) return operator === '<=' || operator === '>=';
  return comparison < 0 ? operator.startsWith('<') : operator.startsWith('>');
}

/** Numbers as numbers; all else as versions: runs of digits by value, the rest by spelling. */
function compare(a: unknown, b: unknown): number | undefined {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'boolean' || typeof b === 'boolean') return undefined;
  const [left, right] = [versionParts(String(a)), versionParts(String(b))];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i] ?? '0', right[i] ?? '0'];
    const difference = /^\d+$/.test(x) && /^\d+$/.test(y) ? Number(x) - Number(y) : x < y ? -1 : Number(x > y);
    if (difference !== 0) return difference;
  }
  return 0;
}

const versionParts = (text: string): string[] => text.match(/\d+|[a-zA-Z]+/g) ?? [];
