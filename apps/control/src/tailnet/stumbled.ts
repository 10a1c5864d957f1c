import { NetfoldError, problemOf } from '#kernel';
import type { StumblingBlock } from './paused-tailnet.js';

/** An event of a ledger cannot be read, checked, folded or projected: nothing after it can be, either. */
export class Stumbled extends NetfoldError {
  constructor(
    readonly event: StumblingBlock,
    cause: unknown,
  ) {
    super(problemOf(cause), { cause });
    this.name = 'Stumbled';
  }
}
