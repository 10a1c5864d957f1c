import type { JsonMember, JsonNode, JsonObject } from '../hujson/json-node.js';
import type { SourceText } from '../hujson/source-text.js';
import type { PolicyProblem } from '../problem.js';
import type { Place } from './policy.js';
import { didYouMean } from './suggest.js';

/** What a problem says, without its place. */
export interface Remark {
  readonly code: string;
  readonly message: string;
  /** What to do about it; a function where that is dear to find out, as a suggestion is. */
  readonly hint?: string | undefined | (() => string | undefined);
}

/** A string of the file, where it stands. */
export interface Word extends Place {
  readonly text: string;
}

type Fields = Readonly<Record<string, (value: JsonNode, member: JsonMember) => void>>;

const LIST = 'a list in square brackets';

const MAX_SHOWN = 60;

/** Problems beyond these get no suggestion: nobody reads so many, and each looks at many names. */
const MAX_SUGGESTIONS = 100;

/** Reads typed values out of JSON nodes, and gathers what is wrong with them. */
export class Reader {
  readonly problems: PolicyProblem[] = [];

  constructor(private readonly source: SourceText) {}

  place(node: JsonNode): Place {
    return this.source.place(node.start);
  }

  /** The text of the file that a value was read from. */
  sourceOf(node: JsonNode): string {
    return this.source.text.slice(node.start, node.end);
  }

  placeAt(offset: number): Place {
    return this.source.place(offset);
  }

  error(at: JsonNode | Place | number, remark: Remark): void {
    this.report('error', at, remark);
  }

  warn(at: JsonNode | Place | number, remark: Remark): void {
    this.report('warning', at, remark);
  }

  /**
   * Hands each member of an object to the function of its name. Names match whatever their case, as the reference does;
   * a name that starts with `#` is a remark of some editor and is passed over. One that stands there twice, letter by
   * letter, has been reported as bad syntax.
   */
  fields(node: JsonNode, what: string, fields: Fields): void {
    const object = this.object(node, what);
    const canonical = new Map(Object.keys(fields).map((name) => [name.toLowerCase(), name]));
    const seen = new Map<string, string>();
    for (const member of object?.members ?? []) {
      const name = canonical.get(member.key.toLowerCase());
      if (name === undefined) this.unknownField(member, what, Object.keys(fields));
      else if (!seen.has(name)) fields[name]?.(member.value, member);
      else if (seen.get(name) !== member.key) this.repeatedField(member, seen.get(name) ?? name);
      if (name !== undefined && !seen.has(name)) seen.set(name, member.key);
    }
  }

  /** The members of an object whose names are the file's own, such as groups. `null` is none. */
  entries(node: JsonNode, what: string): readonly JsonMember[] {
    return this.object(node, what)?.members ?? [];
  }

  /** The items of an array. `null` is none. */
  items(node: JsonNode, what: string): readonly JsonNode[] {
    if (node.kind === 'array') return node.items;
    if (node.kind !== 'null') this.wrongType(node, what, LIST);
    return [];
  }

  string(node: JsonNode, what: string): string | undefined {
    if (node.kind === 'string') return node.value;
    this.wrongType(node, what, 'a text in double quotes');
    return undefined;
  }

  boolean(node: JsonNode, what: string): boolean {
    if (node.kind !== 'boolean') this.wrongType(node, what, 'true or false');
    return node.kind === 'boolean' && node.value;
  }

  /** A list of strings, without the blanks around each, as the reference reads names. */
  words(node: JsonNode, what: string): Word[] {
    return this.items(node, what).flatMap((item) => {
      const text = this.string(item, `each entry of ${what}`);
      return text === undefined ? [] : [{ ...this.place(item), text: text.trim() }];
    });
  }

  private object(node: JsonNode, what: string): JsonObject | undefined {
    if (node.kind === 'object') return node;
    if (node.kind !== 'null') this.wrongType(node, what, 'an object in curly braces');
    return undefined;
  }

  private wrongType(node: JsonNode, what: string, expected: string): void {
    const isLoneText = node.kind === 'string' && expected === LIST;
    this.error(node, {
      code: 'policy.wrong_type',
      message: `${what} must be ${expected}, not ${KIND_NAMES[node.kind]}`,
      ...(isLoneText && { hint: `write [${shortened(this.sourceOf(node))}]` }),
    });
  }

  private repeatedField(member: JsonMember, name: string): void {
    const message = `${JSON.stringify(member.key)} repeats ${JSON.stringify(name)}, which stands above`;
    this.error(member.keyStart, { code: 'policy.repeated_field', message, hint: 'merge the two' });
  }

  private unknownField(member: JsonMember, what: string, known: readonly string[]): void {
    if (member.key.startsWith('#')) return;
    this.error(member.keyStart, {
      code: 'policy.unknown_field',
      message: `unknown field: ${JSON.stringify(member.key)} in ${what}`,
      hint: () => didYouMean(member.key, known) ?? `the fields here are ${known.join(', ')}`,
    });
  }

  private report(severity: 'error' | 'warning', at: JsonNode | Place | number, remark: Remark): void {
    const place = typeof at === 'number' ? this.placeAt(at) : 'line' in at ? at : this.place(at);
    const { code, message } = remark;
    const hint = this.hintOf(remark);
    const text = typeof at === 'number' ? undefined : this.excerpt(at);
    const { line, column } = place;
    const where = `${line}:${column}`;
    this.problems.push({ code, message, where, ...(hint && { hint }), severity, line, column, ...(text && { text }) });
  }

  private hintOf({ hint }: Remark): string | undefined {
    if (typeof hint !== 'function') return hint;
    return this.problems.length < MAX_SUGGESTIONS ? hint() : undefined;
  }

  /** The offending text, if it is known and fits on a line. */
  private excerpt(at: JsonNode | Place): string | undefined {
    if ('end' in at) return shortened(this.sourceOf(at));
    return 'text' in at && typeof at.text === 'string' ? shortened(JSON.stringify(at.text)) : undefined;
  }
}

function shortened(text: string): string {
  const [line = ''] = text.split('\n', 1);
  return line.length === text.length && line.length <= MAX_SHOWN ? line : `${line.slice(0, MAX_SHOWN)}…`;
}

const KIND_NAMES: Readonly<Record<JsonNode['kind'], string>> = {
  object: 'an object',
  array: 'a list',
  string: 'a text',
  number: 'a number',
  boolean: 'a truth value',
  null: 'null',
};
