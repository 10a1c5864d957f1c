import { NetfoldError } from '#kernel';

/** What a register holds. */
export interface Register {
  /** Grows with every write; a version of a name never comes again, also when the register was deleted in between. */
  readonly version: number;
  readonly value: string;
}

/**
 * Small named values that several replicas agree on: whoever writes says what they have seen, and of those who have seen
 * the same one is heard. Failures are `NetfoldError`s: `store.…` when the store cannot be asked, in which case a write may
 * have taken effect or not.
 */
export interface Registers {
  /** What it holds now: everything whose write had been answered before this was asked. */
  read(name: string): Promise<Register | undefined>;
  /**
   * Durably writes, when nobody else has since.
   * @param name see `requireName`
   * @param expectedVersion the version that was read; -1 when there must be no such register
   * @param value at most `MAX_VALUE_LENGTH` characters
   * @returns the new version
   * @throws NetfoldError `register.changed`, `register.bad_name`, `register.too_large`
   */
  write(name: string, expectedVersion: number, value: string): Promise<number>;
  /**
   * Removes a register, when nobody else has written since. What it held is gone from the adapters in this process and from
   * a file at once; from a KurrentDB with the next scavenge of its chunk.
   * @throws NetfoldError `register.changed`
   */
  delete(name: string, expectedVersion: number): Promise<void>;
  /** The names of all registers that begin like this, sorted. */
  names(prefix: string): Promise<readonly string[]>;
  /** After it everything fails with `store.closed`. */
  close(): Promise<void>;
}

export const MAX_VALUE_LENGTH = 1 << 19;

const NAME = /^[a-z0-9][a-z0-9/_.-]{0,199}$/;

/**
 * Checks what no adapter can keep.
 * @throws NetfoldError `register.bad_name`, `register.too_large`
 */
export function requireWritable(name: string, value = ''): void {
  if (!NAME.test(name)) {
    throw new NetfoldError({
      code: 'register.bad_name',
      message: `a register cannot be called ${JSON.stringify(name)}`,
      hint: 'use lower-case letters, digits and / _ . -',
    });
  }
  if (value.length <= MAX_VALUE_LENGTH) return;
  throw new NetfoldError({
    code: 'register.too_large',
    message: `a register holds at most ${MAX_VALUE_LENGTH} characters, not ${value.length}`,
    where: name,
  });
}

export const registerChanged = (name: string): NetfoldError =>
  new NetfoldError({
    code: 'register.changed',
    message: `somebody else has written the register ${name} meanwhile`,
    where: name,
    hint: 'read it again',
  });

/** Whether a write came to nothing because somebody else was faster. */
export const isRegisterChanged = (error: unknown): boolean =>
  error instanceof NetfoldError && error.code === 'register.changed';
