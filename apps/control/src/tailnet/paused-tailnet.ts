import type { EventPlace } from '#event-store';
import type { JsonObject, Problem } from '#kernel';
import { DetailedProblem } from '../problems/detailed-problem.js';

/** An event after which a tailnet cannot go on. */
export type StumblingBlock = Pick<EventPlace, 'revision' | 'id' | 'type'>;

/**
 * Why a tailnet stands still in this process: what is read is the last good state, nothing is written, and machines keep
 * the netmaps that they have. It goes on when a process starts that can read the event.
 */
export class PausedTailnet extends DetailedProblem {
  /**
   * @param revision of the last good state; -1 when there is none
   * @param event that cannot be read, checked, folded or projected
   */
  constructor(
    readonly stream: string,
    readonly revision: number,
    readonly event: StumblingBlock,
    readonly reason: Problem,
  ) {
    const what = [
      event.type ?? `the event of revision ${event.revision}`,
      ...(event.id === undefined ? [] : [`(${event.id})`]),
    ].join(' ');
    super(
      {
        code: 'tailnet.paused',
        message: `the tailnet stands still after revision ${revision}, before ${what}: ${reason.message} (${reason.code})`,
        where: `${stream}@${event.revision}`,
        hint: hintFor(reason),
      },
      { stream, revision, event, reason } as unknown as JsonObject,
    );
    this.name = 'PausedTailnet';
  }

  /** As an answer says it. */
  get shown() {
    const { code, message, where, hint, event, reason } = this;
    return { code, message, where, hint, event, reason };
  }
}

/** What there is to do depends on whose fault it is: nobody's, that of whoever touched the store, or this program's. */
function hintFor({ code, hint }: Problem): string {
  const own = hint === undefined ? '' : `${hint.replace(/\.$/, '')}; `;
  if (/^(chain|store|event)\./.test(code)) return `${own}what was read before is served, and other tailnets go on`;
  return 'this is a fault of netfold: please report it; a release that mends it goes on by itself when it starts';
}
