import { setTimeout as pause } from 'node:timers/promises';

/** What is known of a subscription from its reader's side. */
export interface Progress {
  /** The position that it has come to. */
  readonly position: number;
  /** Whether the reader is still at work on what came last. */
  readonly busy: boolean;
}

/**
 * Resolves to true when a subscription brings nothing although there is more: the member of the cluster that feeds it may
 * have lost its leader, and does not say so. Resolves to false with the signal.
 * @param target the position of the last event that there is
 * @param everyMs how often it looks; it has to find the same twice
 */
export async function standstill(
  progress: () => Progress,
  target: () => Promise<number>,
  everyMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  for (let stood: number | undefined; ; ) {
    await pause(everyMs, undefined, { signal, ref: false }).catch(() => {});
    if (signal.aborted) return false;
    const { position, busy } = progress();
    const lacks = !busy && (await target().catch(() => 0)) > position;
    const after = progress();
    const stands = lacks && !after.busy && after.position === position;
    if (stands && stood === position && !signal.aborted) return true;
    stood = stands ? position : undefined;
  }
}
