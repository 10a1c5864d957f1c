import type { Impact } from '#reach';
import type { Approval, Change } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';
import { preview } from './preview.js';

/** What those who gave these approvals saw; undefined when there is none, or it cannot be worked out again. */
export async function approvedImpact(
  { history }: Tailnet,
  change: Change,
  approvals: readonly Approval[],
  now: number,
): Promise<Impact | undefined> {
  const revision = approvals.at(-1)?.revision;
  if (revision === undefined) return undefined;
  const { impact } = await preview(await history.stateAt(revision), change, now);
  return impact;
}
