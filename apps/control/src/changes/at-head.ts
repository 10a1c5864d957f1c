import { NetfoldError } from '#kernel';
import type { TailnetCommand, TailnetState } from '#tailnet';
import type { WriteOutcome, WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** The tailnet can move on so many times while something is worked out; then the caller is told to try again. */
const MAX_ATTEMPTS = 5;
const PATIENCE_MS = 5_000;

/**
 * Gives a command that holds for one state only, such as one that says what a change would do. Works it out anew when
 * the tailnet has moved on, unless the caller asked for a revision.
 * @throws NetfoldError the domain's rejection, and what `make` throws
 */
export async function atHead(
  tailnet: Tailnet,
  request: Omit<WriteRequest, 'command'>,
  make: (state: TailnetState) => TailnetCommand | Promise<TailnetCommand>,
): Promise<WriteOutcome> {
  for (let attempt = 1; ; attempt++) {
    const { state } = tailnet.fold;
    const expectedRevision = request.expectedRevision ?? state.revision;
    const command = await make(await tailnet.fold.reached(expectedRevision, AbortSignal.timeout(PATIENCE_MS)));
    try {
      return await tailnet.writer.execute({ ...request, expectedRevision, command });
    } catch (error) {
      const isStale = error instanceof NetfoldError && error.code === 'tailnet.stale_revision';
      if (!isStale || request.expectedRevision !== undefined || attempt === MAX_ATTEMPTS) throw error;
      await tailnet.fold.reached(state.revision + 1, AbortSignal.timeout(PATIENCE_MS));
    }
  }
}
