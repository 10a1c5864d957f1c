import type { Problem } from '#kernel';
import { type Change, requirementsOf, type TailnetState } from '#tailnet';
import { attempt, preview } from './preview.js';

/** What would come of applying a change now. */
export interface Outlook {
  /** Why it would not run. */
  readonly problem: Problem | null;
  /** Whether it would do something else than what was approved, so that its approvals would lapse. */
  readonly moved: boolean;
}

const CLEAR: Outlook = { problem: null, moved: false };

const known = new WeakMap<TailnetState, Map<string, Promise<Outlook>>>();

/**
 * The outlook of a change, worked out once for each state. What it would do is worked out only for one that waits for
 * nothing else, since others have seen something else: the rest are tried.
 * @param now milliseconds since the Unix epoch
 */
export function outlook(state: TailnetState, change: Change, now: number): Promise<Outlook> {
  if (change.stage !== 'open') return Promise.resolve(CLEAR);
  const outlooks = known.get(state) ?? new Map<string, Promise<Outlook>>();
  known.set(state, outlooks);
  const found = outlooks.get(change.id) ?? compute(state, change, now);
  outlooks.set(change.id, found);
  return found;
}

async function compute(state: TailnetState, change: Change, now: number): Promise<Outlook> {
  const tried = attempt(state, change, now);
  if (!tried.ok) return { problem: tried.error, moved: false };
  const requirements = requirementsOf(state, change, now);
  const isApproved = requirements.length > 0 && requirements.every(({ missing }) => missing === 0);
  if (!isApproved || state.revision === change.approvals.at(-1)?.revision) return CLEAR;
  const { impact } = await preview(state, change, now);
  return { problem: null, moved: impact !== undefined && impact.digest !== change.impactDigest };
}
