import { InvalidArgumentError } from 'commander';

/** A whole number, not negative. */
export function number(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a whole number.');
}

/** Seconds, perhaps with a fraction, as milliseconds. */
export function seconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value * 1000;
  throw new InvalidArgumentError('It must be a number of seconds, such as 1 or 0.01.');
}
