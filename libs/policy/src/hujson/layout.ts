import type { JsonArray, JsonNode, JsonObject } from './json-node.js';

/** A value of an object or list with the text around it: all of it together is the text of the container. */
export interface Entry {
  /** Of members. */
  readonly key?: string;
  /** Blanks and comments before it. */
  readonly lead: string;
  /** Of members: the name and the colon, up to the value. */
  readonly name: string;
  readonly node: JsonNode;
  /** Between the value and its comma. */
  readonly mid: string;
  readonly hasComma: boolean;
  /** What follows on the same line, when it is the last there. */
  readonly trail: string;
}

/** An object or list as the pieces of its text, each of which belongs to one entry where it can. */
export interface Layout {
  /** What follows the bracket on its line, when that is a line of its own. */
  readonly head: string;
  readonly entries: readonly Entry[];
  /** Blanks and comments before the closing bracket. */
  readonly tail: string;
}

export type Container = JsonObject | JsonArray;

/** Blanks and comments up to the end of a line. */
const REST_OF_LINE = /(?:[ \t]|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*(?:\/\/[^\r\n]*)?(?=\r?\n)/y;
const ENDS_IN_COMMENT = /^(?:[ \t]|\/\*(?:(?!\*\/)[^\r\n])*\*\/)*\/\//;
const BLANKS = /(?:[ \t\r\n\uFEFF]|\/\/[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)*/y;

/** @param text of a whole document without syntax problems, in which the container stands */
export function layoutOf(text: string, container: Container): Layout {
  const head = match(REST_OF_LINE, text, container.start + 1);
  let at = container.start + 1 + head.length;
  const entries = partsOf(container).map(({ key, start, node }): Entry => {
    const lead = text.slice(at, start);
    const name = text.slice(start, node.start);
    const blanks = match(BLANKS, text, node.end);
    const hasComma = text[node.end + blanks.length] === ',';
    const end = hasComma ? node.end + blanks.length + 1 : node.end;
    const trail = match(REST_OF_LINE, text, end);
    at = end + trail.length;
    return { ...(key !== undefined && { key }), lead, name, node, mid: hasComma ? blanks : '', hasComma, trail };
  });
  return { head, entries, tail: text.slice(at, container.end - 1) };
}

interface Part {
  readonly key?: string;
  /** Where it starts, its name included. */
  readonly start: number;
  readonly node: JsonNode;
}

const partsOf = (container: Container): Part[] =>
  container.kind === 'object'
    ? container.members.map(({ key, keyStart, value }) => ({ key, start: keyStart, node: value }))
    : container.items.map((node) => ({ start: node.start, node }));

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? '';
}

/** A piece of the merged text of a container. */
export interface Piece extends Pick<Entry, 'lead' | 'name' | 'mid' | 'trail'> {
  readonly text: string;
}

/** Puts the text of a container together, with commas where they belong. */
export function writeContainer(
  brackets: '{}' | '[]',
  pieces: readonly Piece[],
  { head, tail, hasLastComma }: { readonly head: string; readonly tail: string; readonly hasLastComma: boolean },
): string {
  let written = brackets.charAt(0);
  let isInComment = false;
  const put = (text: string) => {
    if (text === '') return;
    // A comment up to the end of its line would swallow what is put behind it.
    written += isInComment && !/^\r?\n/.test(text) ? `\n${text}` : text;
    isInComment = false;
  };
  const putRestOfLine = (text: string) => {
    put(text);
    if (text !== '') isInComment = ENDS_IN_COMMENT.test(text);
  };
  putRestOfLine(head);
  pieces.forEach(({ lead, name, text, mid, trail }, i) => {
    const comma = i < pieces.length - 1 || hasLastComma ? ',' : '';
    for (const part of [lead, name, text, mid, comma]) put(part);
    putRestOfLine(trail);
  });
  put(tail);
  put(brackets.charAt(1));
  return written;
}
