import { NetfoldError } from '#kernel';
import type { PingReply } from '../../../agent/src/local-api/messages.js';

/** A step that did not show what it promises has failed. */
export function expect(condition: boolean, message: string): asserts condition {
  if (!condition) throw new NetfoldError({ code: 'quickstart.unexpected', message });
}

export const answered = (replies: readonly PingReply[]): PingReply[] => replies.filter(({ rtt }) => rtt !== undefined);

/** The quickest round trip, in milliseconds with three decimals. */
export const bestRtt = (replies: readonly PingReply[]): number =>
  Math.round(Math.min(...answered(replies).map(({ rtt = Number.POSITIVE_INFINITY }) => rtt)) * 1000) / 1000;

/** Milliseconds since a `performance.now()`, with one decimal. */
export const since = (started: number): number => Math.round((performance.now() - started) * 10) / 10;
