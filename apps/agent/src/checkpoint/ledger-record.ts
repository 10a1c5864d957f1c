import { z } from 'zod';

/** Something about the ledger that a person must look at. */
export const LedgerAlarm = z.object({
  /** `agent.ledger_forked` and its kin. */
  code: z.string(),
  message: z.string(),
  hint: z.string(),
  /** When it was seen first: milliseconds since the Unix epoch. */
  since: z.number(),
  /** What the server said of its ledger then: beside the note that this machine holds, evidence that it signed both. */
  note: z.string().nullable(),
  /** Since when the server shows the ledger again that was proven before: milliseconds since the Unix epoch. */
  over: z.number().optional(),
});
export type LedgerAlarm = z.infer<typeof LedgerAlarm>;

/** What this machine keeps about the ledger of its tailnet. */
export const LedgerRecord = z.object({
  /** The key that checkpoints must be signed with, as text; null before it is pinned. */
  key: z.string().nullable(),
  /** The newest checkpoint that was proven to this machine, as it was signed; null before the first. */
  note: z.string().nullable(),
  /** Stays until a person has taken note of it. */
  alarm: LedgerAlarm.nullable(),
});
export type LedgerRecord = z.infer<typeof LedgerRecord>;

export const NO_RECORD: LedgerRecord = { key: null, note: null, alarm: null };
