import { NetfoldError, problemOf } from '#kernel';

/**
 * What became of a request that failed: `transient` when another attempt may succeed, of an append possibly after it
 * has taken effect; `refused` when it had none and will have none.
 */
export type Fate = 'transient' | 'refused';

/** How the client names what failed (its `ErrorType`), as far as it matters here. */
interface Failure {
  readonly type?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
}

const failureOf = (error: unknown): Failure => (typeof error === 'object' && error !== null ? error : {});

export const isWrongRevision = (error: unknown): boolean => failureOf(error).type === 'wrong-expected-version';

export const isMissingStream = (error: unknown): boolean => failureOf(error).type === 'stream-not-found';

// Status codes of gRPC.
const INVALID_ARGUMENT = 3;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;

const REFUSALS = new Set<unknown>([
  'access-denied',
  'stream-deleted',
  'maximum-append-size-exceeded',
  'invalid-argument',
]);
const REFUSING_CODES = new Set<unknown>([INVALID_ARGUMENT, PERMISSION_DENIED, UNIMPLEMENTED]);
const TOO_LARGE = /maximum append (event )?size/i;
const FULL = /no(t enough)? space (left )?on|disk (is )?full/i;

/** Whatever is not known to be final may pass: a restart, an election, a network that is away. */
export function fateOf(error: unknown): Fate {
  if (error instanceof NetfoldError) return TRANSIENT.has(error.code) ? 'transient' : 'refused';
  const { type, code } = failureOf(error);
  if (REFUSALS.has(type) || REFUSING_CODES.has(code) || FULL.test(problemOf(error).message)) return 'refused';
  return error instanceof TypeError ? 'refused' : 'transient'; // a mistake of ours is not mended by waiting
}

const TRANSIENT = new Set(['store.unreachable', 'store.stalled']);

/**
 * The coded error for what the client of KurrentDB threw.
 * @param name what messages call the store
 */
export function kurrentError(name: string, error: unknown): NetfoldError {
  if (error instanceof NetfoldError) return error;
  const { type, code } = failureOf(error);
  const said = plain(problemOf(error).message);
  const problem = (what: string, message: string, hint: string) =>
    new NetfoldError({ code: `store.${what}`, message, where: name, hint }, { cause: error });

  if (type === 'access-denied' || code === PERMISSION_DENIED) {
    return problem(
      'access_denied',
      'the store does not accept the user or the password, or the user may not do this',
      'Check them in the URL of the store; the user needs to read $all and to write streams.',
    );
  }
  if (type === 'stream-deleted') {
    return problem('corrupt', `the ledger is damaged: ${said}`, 'Somebody deleted it in the store. Restore a backup.');
  }
  if (type === 'maximum-append-size-exceeded' || TOO_LARGE.test(said)) {
    return problem(
      'append_too_large',
      'the store refuses an append of this size',
      'Split the change into several, or raise MaxAppendSize in the configuration of the store.',
    );
  }
  if (FULL.test(said)) {
    return problem(
      'disk_full',
      `there is no space left in the store: ${said}`,
      'Make space on its disk and repeat the command; nothing that was acknowledged is lost.',
    );
  }
  if (code === RESOURCE_EXHAUSTED) {
    return problem('overloaded', `the store cannot do this now: ${said}`, 'Look at the log of the store.');
  }
  if (type === 'deadline-exceeded' || type === 'timeout') return stalled(name, error);
  if (fateOf(error) === 'transient') {
    return problem(
      'unreachable',
      `the store cannot be reached: ${said}`,
      'Check that it runs, its address, and TLS: tls=false for one without, tlsCaFile=FILE for an authority of your own.',
    );
  }
  return problem('io', `the store refuses the request: ${said}`, 'Look at the log of the store.');
}

export const stalled = (name: string, cause?: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'store.stalled',
      message: 'the store does not answer in time',
      where: name,
      hint: 'Look at its load and its log. What was asked for is tried again.',
    },
    { cause },
  );

/** Nobody knows whether the events are stored. */
export const outcomeUnknown = (name: string, stream: string, cause: NetfoldError): NetfoldError =>
  new NetfoldError(
    {
      code: 'store.outcome_unknown',
      message: `it is not known whether an append to ${stream} is stored: ${cause.message}`,
      where: name,
      hint: 'Repeat the command when the store is back: what is stored already is not stored twice.',
    },
    { cause },
  );

export const kurrentCorrupt = (name: string, what: string, cause?: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'store.corrupt',
      message: `the ledger is damaged: ${what}`,
      where: name,
      hint: 'Stop the server and find the event: netfold verify --store URL. Then restore the newest backup that verifies.',
    },
    { cause },
  );

/** Messages of gRPC carry the status first, and how it was tried. */
const plain = (message: string): string =>
  message
    .replace(/^\d+ [A-Z_]+: /, '')
    .replace(/^Failed to discover after .*/, 'none of its members says who leads')
    .replace(/^No connection established\. Last error: (Error: )?/, '')
    .replace(/\.? Resolution note:.*$/s, '')
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)/g, '') // else no two of the same trouble were the same
    .slice(0, 300);
