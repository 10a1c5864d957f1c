import { NetfoldError } from '#kernel';

/** Somebody else appended first. Catch up, decide again, append with the new revision. */
export class WrongExpectedRevision extends NetfoldError {
  constructor(
    readonly stream: string,
    readonly expected: number,
    readonly actual: number,
  ) {
    super({
      code: 'store.wrong_expected_revision',
      message: `${stream} was expected at revision ${expected} and is at ${actual}`,
      where: stream,
      hint: 'Read the events that were added, decide again and append after them.',
    });
    this.name = 'WrongExpectedRevision';
  }
}

/** Where an event stands, as messages name it: `tailnet-x@17`. */
export const place = (event: { readonly stream: string; readonly revision: number }): string =>
  `${event.stream}@${event.revision}`;

export const storeClosed = (): NetfoldError =>
  new NetfoldError({
    code: 'store.closed',
    message: 'the event store is closed',
    hint: 'Open it again; nothing that was acknowledged is lost.',
  });

/** @param file the path of the store's file */
export const storeCorrupt = (file: string, what: string, cause?: unknown): NetfoldError =>
  new NetfoldError(
    {
      code: 'store.corrupt',
      message: `the ledger is damaged: ${what}`,
      where: file,
      hint: 'Stop the server, keep a copy of the file as it is, and restore the newest backup that verifies.',
    },
    { cause },
  );

/** @param file a path */
export const noSuchLedger = (file: string): NetfoldError =>
  new NetfoldError({
    code: 'store.no_such_ledger',
    message: 'there is no ledger',
    where: file,
    hint: 'name the ledger.db in the state directory of the server, or an export that ends in .jsonl',
  });
