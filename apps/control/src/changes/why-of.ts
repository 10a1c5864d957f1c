import type { Change } from '#tailnet';

/** Why an event is there that a change has made: a reader of the ledger finds the change, and all that it did. */
export const whyOf = ({ id, title }: Pick<Change, 'id' | 'title'>, reason = title): string => `change ${id}: ${reason}`;
