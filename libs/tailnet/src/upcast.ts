import { CHANGE_EVENTS } from './changes/change-events.js';
import { CREDENTIAL_EVENTS } from './credentials/credential-events.js';
import { DNS_EVENTS } from './dns/dns-events.js';
import { EVENT_VERSIONS, type EventVersions, stepsOf } from './event-versions.js';
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

/**
 * The event in its present version, or undefined when this program cannot understand it: its type or version is
 * unknown (a newer program wrote it) or its data is not what the type says. Nobody may act on such an event.
 */
export const upcast = (raw: RawEvent): TailnetEvent | undefined => upcastWith(EVENT_VERSIONS, raw);

/** The same for other versions than those of this program; the event that comes of it is in those of this program. */
export function upcastWith(versions: EventVersions, raw: RawEvent): TailnetEvent | undefined {
  const check = CHECKS.get(raw.type);
  if (!check || raw.version < 1) return undefined;
  const steps = stepsOf(versions, raw.type);
  if (raw.version > steps.length + 1) return undefined;
  const data = steps.slice(raw.version - 1).reduce((older: unknown, step) => step.up(older), raw.data);
  if (!check(data)) return undefined;
  const version = stepsOf(EVENT_VERSIONS, raw.type).length + 1;
  return (data === raw.data && version === raw.version ? raw : { type: raw.type, version, data }) as TailnetEvent;
}

export const isKnownType = (type: string): type is EventType => CHECKS.has(type);

/** Every type of event that this program knows. */
export const EVENT_TYPES = Object.keys(SHAPES) as readonly EventType[];
