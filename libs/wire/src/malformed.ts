import { NetfoldError } from '#kernel';

/** The error for bytes that are not what the protocol asks for. */
export const malformed = (what: string, why: string, cause?: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'wire.malformed',
      message: `${what} cannot be read: ${why}`,
      hint: 'both ends must speak netfold.v1; update the older one',
    },
    { cause },
  );

/** Runs a decoder, and turns whatever it throws into `wire.malformed`. */
export function reading<T>(what: string, decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    throw malformed(what, error instanceof Error ? error.message : String(error), error);
  }
}

/**
 * A uint64 as a number.
 * @throws NetfoldError `wire.malformed` beyond 2^53
 */
export function safeNumber(field: string, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed(field, `${value} is out of range`);
  return Number(value);
}
