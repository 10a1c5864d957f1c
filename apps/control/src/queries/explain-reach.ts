import { type IQueryHandler, Query, QueryHandler } from '@nestjs/cqrs';
import type { StoredEvent } from '#event-store';
import type { AccessQuestion } from '#policy';
import { explainReach, type Reach, type ReachRoute } from '#reach';
import type { TailnetState } from '#tailnet';
import { byWhom, personOf } from '../ledger/event-view.js';
import { Ledger } from '../ledger/ledger.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** An event of the ledger that had a part in an answer. */
export interface Cause {
  readonly revision: number;
  readonly recordedAt: number;
  /** As of any event of the log: who caused it, for whom, and why. */
  readonly by: string;
  readonly person?: string;
  readonly reason?: string;
  readonly type: string;
}

/** Whether one reaches another, and the events that made it so. */
export interface ReachExplanation extends Reach {
  /** What published the policy. */
  readonly policyCause: Cause | null;
  /** What approved the route. */
  readonly routeCause: Cause | null;
}

/** Did one reach another at a moment, by which rule and route, and who made it so? */
export class ExplainReach extends Query<ReachExplanation> {
  constructor(
    readonly tailnet: Tailnet,
    readonly state: TailnetState,
    readonly question: AccessQuestion,
  ) {
    super();
  }
}

/** Asks the state of that moment, and the ledger about two of its events. */
@QueryHandler(ExplainReach)
export class ExplainReachHandler implements IQueryHandler<ExplainReach> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ tailnet, state, question }: ExplainReach): Promise<ReachExplanation> {
    const reach = explainReach(state, question);
    const policyCause = await this.#causeAt(tailnet, reach.policySince);
    return { ...reach, policyCause, routeCause: reach.route && (await this.#approvalOf(tailnet, reach.route)) };
  }

  async #causeAt(tailnet: Tailnet, revision: number): Promise<Cause | null> {
    if (revision < 0) return null;
    const events = this.ledger.store.read(tailnet.stream, { from: revision, limit: 1 });
    for await (const event of events) return causeOf(tailnet, event);
    return null;
  }

  /** The approval of a route; when it is long ago, what put the route in force: that it was offered again. */
  async #approvalOf(tailnet: Tailnet, { prefix, routerId, since }: ReachRoute): Promise<Cause | null> {
    for (let end = since; end >= 0 && end > since - SEARCHED; end -= CHUNK) {
      const from = Math.max(0, end - CHUNK + 1);
      let last: StoredEvent | undefined;
      for await (const event of this.ledger.store.read(tailnet.stream, { from, limit: end - from + 1 })) {
        const { type, data } = event;
        if (type === 'RouteApproved' && data.nodeId === routerId && data.prefix === prefix) last = event;
      }
      if (last) return causeOf(tailnet, last);
    }
    return this.#causeAt(tailnet, since);
  }
}

/** How many events before a route came into force are looked through for its approval, and how many at a time. */
const SEARCHED = 4_096;
const CHUNK = 512;

function causeOf(tailnet: Tailnet, event: StoredEvent): Cause {
  const { revision, recordedAt, type, reason } = event;
  const person = personOf(tailnet, event);
  return {
    ...{ revision, recordedAt, type, by: byWhom(tailnet, event) },
    ...(person !== undefined && { person }),
    ...(reason !== undefined && { reason }),
  };
}
