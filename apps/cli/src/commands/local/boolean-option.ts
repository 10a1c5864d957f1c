import { InvalidArgumentError } from 'commander';

const WORDS: Readonly<Record<string, boolean>> = { true: true, yes: true, 1: true, false: false, no: false, 0: false };

/** `true` or `false`, as in `--peers=false`. */
export function yesOrNo(text: string): boolean {
  const value = WORDS[text.toLowerCase()];
  if (value !== undefined) return value;
  throw new InvalidArgumentError('It must be true or false.');
}
