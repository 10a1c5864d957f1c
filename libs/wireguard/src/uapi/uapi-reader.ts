import { NetfoldError } from '#kernel';

/** Characters; room for some ten thousand peers in one request. */
const LONGEST_REQUEST = 4 << 20;
const END = '\n\n';

/** Cuts what one connection brings into operations, each of which ends with a blank line. */
export class UapiReader {
  #text = '';

  constructor(readonly longest: number = LONGEST_REQUEST) {}

  /**
   * @returns the operations that are complete now, without the blank lines that end them
   * @throws NetfoldError `wireguard.uapi` when one is longer than any can be; nothing more is read then
   */
  take(chunk: string): string[] {
    // The blank line may have begun with the last character of the former chunk.
    let from = Math.max(0, this.#text.length - 1);
    this.#text += chunk;
    const operations: string[] = [];
    let start = 0;
    for (let end = this.#text.indexOf(END, from); end >= 0; end = this.#text.indexOf(END, from)) {
      operations.push(this.#text.slice(start, end));
      start = end + END.length;
      from = start;
    }
    this.#text = this.#text.slice(start);
    if (this.#text.length > this.longest) throw tooLong(this.longest);
    return operations;
  }
}

const tooLong = (longest: number): NetfoldError =>
  new NetfoldError({ code: 'wireguard.uapi', message: `a request is longer than ${longest} characters` });
