import { InvalidArgumentError } from 'commander';

/** A whole number, not negative. */
export function number(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

/** A whole number, at least 1. */
export function count(text: string): number {
  if (/^0*[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number, at least 1.');
}

/** Seconds, perhaps with a fraction, as milliseconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value * 1000;
  throw new InvalidArgumentError('It must be a number of seconds, such as 1 or 0.01.');
}
