import type { ChangeEvents } from './changes/change-events.js';
import type { CredentialEvents } from './credentials/credential-events.js';
import type { DnsEvents } from './dns/dns-events.js';
import type { NodeEvents } from './nodes/node-events.js';
import type { PolicyEvents } from './policy/policy-events.js';
import type { RouteEvents } from './routes/route-events.js';
import type { TailnetEvents } from './tailnet/tailnet-events.js';
import type { UserEvents } from './users/user-events.js';

/** Event type → its data. Facts in the past tense; JSON only; keys are base64 of 32 raw bytes; times are milliseconds. */
export interface EventData
  extends TailnetEvents,
    UserEvents,
    CredentialEvents,
    NodeEvents,
    RouteEvents,
    PolicyEvents,
    DnsEvents,
    ChangeEvents {}

export type EventType = keyof EventData;

/** An event of one type, or of any: `TailnetEvent<'NodeJoined'>`. */
export type TailnetEvent<T extends EventType = EventType> = {
  [K in T]: { readonly type: K; readonly version: 1; readonly data: EventData[K] };
}[T];

/** An event as a ledger holds it: perhaps of an older version, or of a type that this program does not know. */
export interface RawEvent {
  readonly type: string;
  readonly version: number;
  readonly data: unknown;
}

/** Where in its stream an event stands. */
export interface EventMeta {
  /** From 0. */
  readonly revision: number;
  /** Milliseconds since the Unix epoch. */
  readonly recordedAt: number;
  readonly commandId: string;
}
