import { NetfoldError } from '#kernel';
import type { AdminClient } from '../admin/admin-client.js';

/** An event of the ledger, as the API shows it. */
export interface LedgerEvent {
  readonly id: string;
  readonly type: string;
  readonly revision: number;
  /** Milliseconds since the Unix epoch. */
  readonly recordedAt: number;
  readonly actor: { readonly kind: string; readonly id: string; readonly name?: string };
  readonly summary: string;
}

/** The event at a revision. */
export async function eventAt(admin: AdminClient, revision: number): Promise<LedgerEvent> {
  const { events } = await admin.call<{ events: readonly LedgerEvent[] }>(`GET /events?after=${revision - 1}&limit=1`);
  const [event] = events;
  if (event) return event;
  throw new NetfoldError({ code: 'quickstart.unexpected', message: `the ledger has no revision ${revision}` });
}
