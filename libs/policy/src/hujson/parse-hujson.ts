import type { JsonMember, JsonNode } from './json-node.js';
import { Lexer, type Token } from './lexer.js';

/** Something that is not HuJSON, with the offset where it stands. */
export interface SyntaxProblem {
  readonly message: string;
  readonly hint?: string;
  readonly offset: number;
}

/** Deeper than any policy, and shallow enough for every stack. */
const MAX_DEPTH = 64;

/** Ends the parse at a place after which nothing can be made sense of. */
class Unreadable extends Error {
  constructor(readonly problem: SyntaxProblem) {
    super(problem.message);
  }
}

/**
 * Reads HuJSON (JSON with comments and trailing commas, https://nigeltao.github.io/blog/2021/json-with-commas-comments.html)
 * in time linear in the text. What is plain to see through is reported and read over: commas that are missing or too many,
 * texts without double quotes, a file that ends too early. Anything else wrong ends the reading.
 */
export function parseHujson(text: string): { node: JsonNode | undefined; problems: SyntaxProblem[] } {
  const parser = new Parser(text);
  try {
    return { node: parser.document(), problems: parser.problems };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { node: undefined, problems: [...parser.problems, error.problem] };
  }
}

/** The tokens that a value or a name may start with. */
const STARTS: ReadonlySet<Token['kind']> = new Set(['string', 'single', 'number', 'word', '{', '[']);

const MAX_SHOWN = 60;
const shortened = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

class Parser {
  readonly problems: SyntaxProblem[] = [];
  private readonly lexer: Lexer;
  private token: Token;
  private isCutOff = false;

  constructor(private readonly text: string) {
    this.lexer = new Lexer(text);
    this.token = this.lexer.next();
  }

  document(): JsonNode {
    const node = this.value(0);
    if (this.token.kind !== 'end') this.fail('there is more text after the end of the policy');
    return node;
  }

  private value(depth: number): JsonNode {
    const { kind, start, end } = this.token;
    if (depth > MAX_DEPTH) this.fail(`values are nested more than ${MAX_DEPTH} deep`);
    switch (kind) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case 'string':
      case 'single':
        return { kind: 'string', start, end, value: this.stringValue() };
      case 'number':
        this.advance();
        return { kind, start, end, value: Number(this.text.slice(start, end)) };
      case 'word':
        return this.word();
      default:
        return kind === 'end'
          ? this.fail('the file ends where a value is expected', 'a policy starts like {"acls": [ … ]}')
          : this.fail('a value is expected here');
    }
  }

  private object(depth: number): JsonNode {
    const start = this.advance().start;
    const members: JsonMember[] = [];
    const keys = new Set<string>();
    while (this.goesOn('}', start)) {
      const keyStart = this.token.start;
      const key = this.key();
      if (keys.has(key)) this.report(`${JSON.stringify(key)} stands here twice`, keyStart, 'keep one of them');
      keys.add(key);
      members.push({ key, keyStart, value: this.value(depth + 1) });
      this.separator('}');
    }
    return { kind: 'object', start, end: this.advance().end, members };
  }

  private key(): string {
    const { kind, start, end } = this.token;
    if (kind !== 'string' && kind !== 'single' && kind !== 'word')
      this.fail('a name in double quotes is expected here');
    const key = kind === 'word' ? this.unquoted(this.text.slice(start, end)) : this.stringValue();
    this.colon(key);
    return key;
  }

  private colon(key: string): void {
    if (this.token.kind !== ':') this.fail(`a colon is expected after ${JSON.stringify(key)}`);
    this.advance();
  }

  private array(depth: number): JsonNode {
    const start = this.advance().start;
    const items: JsonNode[] = [];
    while (this.goesOn(']', start)) {
      items.push(this.value(depth + 1));
      this.separator(']');
    }
    return { kind: 'array', start, end: this.advance().end, items };
  }

  /** Whether an object or list has another entry; steps over commas that stand for none. */
  private goesOn(close: '}' | ']', start: number): boolean {
    while (this.token.kind === ',') {
      this.report('there is nothing before this comma', this.token.start, 'remove it');
      this.advance();
    }
    if (this.token.kind !== 'end') return this.token.kind !== close;
    if (!this.isCutOff) this.report(`this "${this.text[start]}" is never closed`, start, `write its "${close}"`);
    this.isCutOff = true;
    return false;
  }

  private separator(close: '}' | ']'): void {
    const { kind, start } = this.token;
    if (kind === ',') this.advance();
    else if (STARTS.has(kind))
      this.report('a comma is missing before this', start, 'write a comma between two entries');
    else if (kind !== close && kind !== 'end') this.fail(`a comma or "${close}" is expected here`);
  }

  private word(): JsonNode {
    const { start, end } = this.token;
    const word = this.text.slice(start, end);
    if (word !== 'true' && word !== 'false' && word !== 'null') {
      return { kind: 'string', start, end, value: this.unquoted(word) };
    }
    this.advance();
    return word === 'null' ? { kind: 'null', start, end } : { kind: 'boolean', start, end, value: word === 'true' };
  }

  private unquoted(text: string): string {
    this.report(
      `${shortened(text)} must stand in double quotes`,
      this.token.start,
      `write ${shortened(JSON.stringify(text))}`,
    );
    this.advance();
    return text;
  }

  private stringValue(): string {
    const { kind, start, end } = this.token;
    if (kind === 'single') return this.unquoted(this.text.slice(start + 1, end - 1));
    try {
      const value = JSON.parse(this.text.slice(start, end)) as string;
      this.advance();
      return value;
    } catch {
      return this.fail('this string has an escape or a control character that JSON does not know');
    }
  }

  private advance(): Token {
    const token = this.token;
    this.token = this.lexer.next();
    return token;
  }

  private report(message: string, offset: number, hint: string): void {
    this.problems.push({ message, offset, hint });
  }

  private fail(message: string, hint?: string): never {
    const { kind, start, complaint } = this.token;
    const said = kind === 'bad' && complaint ? complaint : message;
    throw new Unreadable({ message: said, offset: start, ...(hint && kind !== 'bad' && { hint }) });
  }
}
