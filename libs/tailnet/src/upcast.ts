import { CHANGE_EVENTS } from './changes/change-events.js';
import { CREDENTIAL_EVENTS } from './credentials/credential-events.js';
import { DNS_EVENTS } from './dns/dns-events.js';
import type { EventData, EventType, RawEvent, TailnetEvent } from './events.js';
import { NODE_EVENTS } from './nodes/node-events.js';
import { POLICY_EVENTS } from './policy/policy-events.js';
import { ROUTE_EVENTS } from './routes/route-events.js';
import { type Check, type Shapes, shaped } from './shape.js';
import { TAILNET_EVENTS } from './tailnet/tailnet-events.js';
import { USER_EVENTS } from './users/user-events.js';

const SHAPES: Shapes<EventData> = {
  ...TAILNET_EVENTS,
  ...USER_EVENTS,
  ...CREDENTIAL_EVENTS,
  ...NODE_EVENTS,
  ...ROUTE_EVENTS,
  ...POLICY_EVENTS,
  ...DNS_EVENTS,
  ...CHANGE_EVENTS,
};

const CHECKS: ReadonlyMap<string, Check<unknown>> = new Map(
  Object.entries(SHAPES).map(([type, shape]) => [type, shaped<Record<string, unknown>>(shape)]),
);

/** Makes version n+1 of an event's data out of version n. Must not throw, whatever it is given. */
type Upcaster = (data: unknown) => unknown;

/** Type → its upcasters; the first one makes version 2. */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

const UPCASTERS: Upcasters = {};

/**
 * The event in its present version, or undefined when this program cannot understand it: its type or version is
 * unknown (a newer program wrote it) or its data is not what the type says. Nobody may act on such an event.
 */
export const upcast = (raw: RawEvent): TailnetEvent | undefined => upcastWith(UPCASTERS, raw);

export function upcastWith(upcasters: Upcasters, raw: RawEvent): TailnetEvent | undefined {
  const check = CHECKS.get(raw.type);
  if (!check || raw.version < 1) return undefined;
  const steps = Object.hasOwn(upcasters, raw.type) ? (upcasters[raw.type] ?? []) : [];
  if (raw.version > steps.length + 1) return undefined;
  const data = steps.slice(raw.version - 1).reduce((older: unknown, step) => step(older), raw.data);
  if (!check(data)) return undefined;
  return (data === raw.data ? raw : { type: raw.type, version: steps.length + 1, data }) as TailnetEvent;
}

/** Every type of event that this program knows. */
export const EVENT_TYPES = Object.keys(SHAPES) as readonly EventType[];
