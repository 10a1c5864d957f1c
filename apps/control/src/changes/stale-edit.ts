import { type JsonObject, NetfoldError } from '#kernel';
import { mergePolicyTexts } from '#policy';
import { DetailedProblem } from '../problems/detailed-problem.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** How an edit of the policy goes together with what was published since it was begun. */
export interface StaleEdit {
  /** Where the edit was begun, and where the tailnet is. */
  readonly base: number;
  readonly head: number;
  /** Where the policy in force was published. */
  readonly published: number;
  /** Both edits in one text; null when they contradict each other. */
  readonly merged: string | null;
  readonly conflicts: readonly JsonObject[];
}

const STALE: ReadonlySet<string> = new Set(['policy.stale_revision', 'policy.stale_base']);

/**
 * The error with a merge of both edits, when it says that a policy text was edited on an old base; otherwise as it is.
 * @param base the revision at which the edit was begun; undefined when nobody said
 */
export async function withMerge(
  error: unknown,
  tailnet: Tailnet,
  base: number | undefined,
  text: string,
): Promise<unknown> {
  if (!(error instanceof NetfoldError) || !STALE.has(error.code)) return error;
  const { state } = tailnet.fold;
  if (base === undefined || base < 0 || base > state.revision) return error;
  const { policy } = await tailnet.history.stateAt(base);
  const { text: merged = null, conflicts = [] } = mergePolicyTexts(policy.text, text, state.policy.text);
  const edit: StaleEdit = {
    base,
    head: state.revision,
    published: state.policy.revision,
    merged,
    conflicts: conflicts as unknown as readonly JsonObject[],
  };
  const { code, message, where } = error;
  const hint =
    merged === null
      ? 'both edits touch the same places: begin again with the policy in force'
      : 'both edits go together: send the merged text, on condition of the head';
  return new DetailedProblem({ code, message, hint, ...(where && { where }) }, edit as unknown as JsonObject);
}
