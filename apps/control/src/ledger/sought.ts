import { NetfoldError } from '#kernel';
import type { Following } from './following.js';

/** How long this process is waited for, in milliseconds. */
const PATIENCE_MS = 5_000;

/** What is said of something that another replica may have answered a moment ago. */
const NOT_FOUND = /\.unknown$|^auth\.bad_(key|token)$/;

/**
 * What is found; again, when it is not, as soon as this process has heard of everything that is stored now.
 * @throws NetfoldError what `find` throws; `control.behind`
 */
export async function sought<T>(find: () => T, following: Pick<Following, 'caughtUp'>): Promise<T> {
  try {
    return find();
  } catch (error) {
    if (!(error instanceof NetfoldError) || !NOT_FOUND.test(error.code)) throw error;
    await following.caughtUp(AbortSignal.timeout(PATIENCE_MS));
    return find();
  }
}
