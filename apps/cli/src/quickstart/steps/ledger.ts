import { formatTable } from '../../output/table.js';
import { formatInstant } from '../../output/time.js';
import { expect } from '../expect.js';
import type { Step } from '../step.js';

/** An event of the ledger, as the API shows it. */
interface LedgerEvent {
  readonly type: string;
  readonly revision: number;
  /** Milliseconds since the Unix epoch. */
  readonly recordedAt: number;
  readonly actor: { readonly kind: string; readonly id: string; readonly name?: string };
  readonly summary: string;
}

export const ledgerStep: Step = {
  name: 'ledger',
  title: 'All of it is in the ledger',
  async run({ admin }, tell) {
    const { events, revision } = await admin.call<{ events: readonly LedgerEvent[]; revision: number }>('GET /events');
    const rows = events.map(({ revision, recordedAt, type, actor, summary }) => [
      String(revision),
      formatInstant(recordedAt).slice(11),
      type,
      actor.name ?? actor.id,
      summary,
    ]);
    for (const line of formatTable([['#', 'TIME (UTC)', 'EVENT', 'BY', 'WHAT'], ...rows], [0])) tell(line);
    for (const type of ['NodeJoined', 'AclPublished', 'KeyRotated', 'RouteAdvertised', 'RouteApproved']) {
      expect(
        events.some((event) => event.type === type),
        `the ledger has no ${type}`,
      );
    }
    const brief = events.map(({ revision, type, recordedAt, summary }) => ({ revision, type, recordedAt, summary }));
    return { revision, count: events.length, events: brief };
  },
};
