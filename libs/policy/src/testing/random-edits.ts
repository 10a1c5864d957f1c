import fc from 'fast-check';

type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

const names = fc.constantFrom('ann', 'bob', 'cid', 'tag:a', 'tag:b', 'group:x', '*', 'say "//"', '/* no */');
const rule = fc.record({
  action: fc.constantFrom('accept', 'drop'),
  src: fc.uniqueArray(names, { maxLength: 3 }),
  dst: fc.uniqueArray(names, { maxLength: 3 }),
});
const section = fc.dictionary(names, fc.uniqueArray(names, { maxLength: 4 }), { maxKeys: 4 });

/** Something like a policy. */
export const someDocument = fc.record(
  {
    acls: fc.array(rule, { maxLength: 5 }),
    groups: section,
    tagOwners: section,
    note: names,
    deep: fc.dictionary(names, section),
  },
  { requiredKeys: ['acls', 'groups'] },
);

/** A way to change a document; the numbers say where and how. */
export const someEdits = fc.array(fc.tuple(fc.nat(999), fc.nat(999), names), { maxLength: 4 });

type Edits = typeof someEdits extends fc.Arbitrary<infer T> ? T : never;

export const edited = (document: Json, edits: Edits): Json =>
  edits.reduce((value, [at, how, name]) => change(value, at, how, name), document);

/** Goes down a few steps and adds, removes or replaces something there. */
function change(value: Json, at: number, how: number, name: string): Json {
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    const i = at % (items.length + 1);
    const item = items[i];
    if (typeof item === 'object' && item !== null && how % 4 > 1)
      return items.with(i, change(item, at >> 2, how >> 2, name));
    if (item === undefined || how % 4 === 0) return [...items.slice(0, i), name, ...items.slice(i)];
    return how % 4 === 1 ? items.filter((_, j) => j !== i) : items.with(i, name);
  }
  if (typeof value !== 'object' || value === null) return name;
  const entries = Object.entries(value);
  const i = at % (entries.length + 1);
  const [key, inner] = entries[i] ?? [];
  if (key === undefined || inner === undefined) return { ...value, [name]: [name] };
  if (how % 4 === 0) return Object.fromEntries(entries.filter(([other]) => other !== key));
  return { ...value, [key]: change(inner, at >> 2, how >> 1, name) };
}

const BLANKS = ['', ' ', '\n', '\n  ', ' /* aside */ ', ' // remark\n', '\r\n\t', '// one\n// two\n'];

/** The text of a document with blanks and comments in it, the same for the same values; without any for the seed 0. */
export function formatted(value: Json, seed: number): string {
  const blank = (what: string) => (seed === 0 ? '' : (BLANKS[hash(`${seed}${what}`) % BLANKS.length] as string));
  const list = (open: string, parts: readonly string[], close: string) => {
    const written = parts.map((part) => `${blank(`a${part}`)}${part}${blank(`b${part}`)}`);
    return `${open}${written.join(',')}${parts.length > 0 && seed % 2 ? ',' : ''}${blank(close)}${close}`;
  };
  const write = (inner: Json): string => {
    if (Array.isArray(inner)) return list('[', inner.map(write), ']');
    if (typeof inner !== 'object' || inner === null) return JSON.stringify(inner);
    const members = Object.entries(inner).map(([key, member]) => {
      return `${JSON.stringify(key)}${blank(`c${key}`)}:${blank(`d${key}`)}${write(member)}`;
    });
    return list('{', members, '}');
  };
  return `${blank('start')}${write(value)}${blank('end')}`;
}

const hash = (text: string): number =>
  [...text].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 999_983, 7);
