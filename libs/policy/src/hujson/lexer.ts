/**
 * A token of HuJSON: JSON with comments (and trailing commas, which the parser knows about). `single`, a text in single
 * quotes, is none, and is told from the rest so that reading can go on after it.
 */
export interface Token {
  readonly kind: '{' | '}' | '[' | ']' | ':' | ',' | 'string' | 'single' | 'number' | 'word' | 'end' | 'bad';
  readonly start: number;
  readonly end: number;
  /** Why a `bad` token is one. */
  readonly complaint?: string;
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const SINGLE = /'[^'\n]*'/y;
const WORD = /[A-Za-z_$][\w$-]*/y;
const BLANK = /[ \t\r\n\uFEFF]*/y;

/** The tokens of a text, one at a time; the last one is `end`, for ever. */
export class Lexer {
  private offset = 0;

  constructor(private readonly text: string) {}

  next(): Token {
    const unclosed = this.skipBlanksAndComments();
    if (unclosed !== undefined) return this.bad(unclosed, this.text.length, 'this comment is never closed');
    const start = this.offset;
    const character = this.text[start];
    if (character === undefined) return { kind: 'end', start, end: start };
    if ('{}[]:,'.includes(character)) {
      this.offset++;
      return { kind: character as '{', start, end: start + 1 };
    }
    if (character === '"') return this.string(start);
    if (character === '-' || (character >= '0' && character <= '9')) return this.match(NUMBER, 'number', start);
    if (character === "'") return this.match(SINGLE, 'single', start);
    return this.match(WORD, 'word', start);
  }

  private match(pattern: RegExp, kind: 'number' | 'word' | 'single', start: number): Token {
    pattern.lastIndex = start;
    const found = pattern.exec(this.text);
    if (!found) return this.bad(start, start + 1, `unexpected ${JSON.stringify(this.text[start])}`);
    this.offset = pattern.lastIndex;
    return { kind, start, end: this.offset };
  }

  private string(start: number): Token {
    for (let at = start + 1; at < this.text.length; at++) {
      const character = this.text[at];
      if (character === '\\') at++;
      else if (character === '\n') return this.bad(start, at, 'this string is never closed');
      else if (character === '"') {
        this.offset = at + 1;
        return { kind: 'string', start, end: this.offset };
      }
    }
    return this.bad(start, this.text.length, 'this string is never closed');
  }

  private bad(start: number, end: number, complaint: string): Token {
    this.offset = end;
    return { kind: 'bad', start, end, complaint };
  }

  /** Where a comment starts that is never closed, if one is. */
  private skipBlanksAndComments(): number | undefined {
    for (;;) {
      BLANK.lastIndex = this.offset;
      BLANK.exec(this.text);
      this.offset = BLANK.lastIndex;
      if (this.text.startsWith('//', this.offset)) {
        const end = this.text.indexOf('\n', this.offset);
        this.offset = end < 0 ? this.text.length : end + 1;
      } else if (this.text.startsWith('/*', this.offset)) {
        const end = this.text.indexOf('*/', this.offset + 2);
        if (end < 0) return this.offset;
        this.offset = end + 2;
      } else {
        return undefined;
      }
    }
  }
}
