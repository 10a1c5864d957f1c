import { formatAddress, formatPrefix, tryParseAddress, tryParsePrefix } from '#net';

/** Whether a value from a ledger is what the type says; everything in an event passes one of these before it is used. */
export type Check<T> = (value: unknown) => value is T;

/** A check for every member of `T`. Members beyond these are let through: a newer program may have written them. */
export type Shape<T> = { readonly [K in keyof T]-?: Check<T[K]> };

export type Shapes<Table> = { readonly [K in keyof Table]: Shape<Table[K]> };

export const text: Check<string> = (value) => typeof value === 'string';
export const flag: Check<boolean> = (value) => typeof value === 'boolean';
export const number: Check<number> = (value): value is number => Number.isFinite(value);

/** An address of this family in canonical text. */
export const address =
  (family: 4 | 6): Check<string> =>
  (value): value is string => {
    const parsed = typeof value === 'string' ? tryParseAddress(value) : undefined;
    return parsed?.length === BYTES[family] && formatAddress(parsed) === value;
  };

/** A CIDR prefix, of this family or of either, in canonical text. */
export const cidr =
  (family?: 4 | 6): Check<string> =>
  (value): value is string => {
    const parsed = typeof value === 'string' ? tryParsePrefix(value) : undefined;
    if (parsed === undefined || (family && parsed.address.length !== BYTES[family])) return false;
    return formatPrefix(parsed) === value;
  };

const BYTES = { 4: 4, 6: 16 };

export const oneOf =
  <T extends string>(...values: readonly T[]): Check<T> =>
  (value): value is T =>
    (values as readonly unknown[]).includes(value);

export const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value): value is T | null =>
    value === null || check(value);

export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  (value): value is T | undefined =>
    value === undefined || check(value);

export const listOf =
  <T>(check: Check<T>): Check<readonly T[]> =>
  (value): value is readonly T[] =>
    Array.isArray(value) && value.every(check);

export const recordOf =
  <T>(check: Check<T>): Check<Readonly<Record<string, T>>> =>
  (value): value is Readonly<Record<string, T>> =>
    isObject(value) && Object.values(value).every(check);

export const shaped =
  <T>(shape: Shape<T>): Check<T> =>
  (value): value is T => {
    if (!isObject(value)) return false;
    for (const key in shape) if (!shape[key](value[key])) return false;
    return true;
  };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
