import type { StoredEvent } from '#event-store';
import type { Tailnet } from '../tailnet/tailnet.js';
import { byWhom, type EventView, personOf } from './event-view.js';

/** Which events to show. Whatever is absent lets all through; of several values, one is enough. */
export interface LedgerFilter {
  readonly types?: ReadonlySet<string> | undefined;
  /** The id or the name of who caused it, or of the person for whom. */
  readonly actor?: string | undefined;
  /** Ids of nodes: those that it is about, or that caused it. */
  readonly nodes?: ReadonlySet<string> | undefined;
  /** The id and the login of a user: whom it is about, or who caused it. */
  readonly user?: { readonly id: string; readonly login: string } | undefined;
  /** Part of what it says, of who caused it or of why, in lower case. */
  readonly text?: string | undefined;
}

/** Whether an event passes, by what it says itself. */
export function passes(filter: LedgerFilter, tailnet: Tailnet, event: StoredEvent): boolean {
  const { types, nodes, actor, user } = filter;
  if (types && !types.has(event.type)) return false;
  if (nodes && !nodes.has(String(event.data.nodeId)) && !nodes.has(event.actor.id)) return false;
  if (actor !== undefined && !isBy(actor, tailnet, event)) return false;
  return !user || isOf(user, tailnet, event);
}

/** Whether it passes by what is said of it. */
export function says({ text }: LedgerFilter, { summary, by, person, reason, type }: EventView): boolean {
  if (text === undefined) return true;
  return [summary, by, person, reason, type].some((part) => part?.toLowerCase().includes(text));
}

const isBy = (name: string, tailnet: Tailnet, event: StoredEvent): boolean =>
  [event.actor.id, event.actor.name, byWhom(tailnet, event), personOf(tailnet, event)].includes(name);

function isOf({ id, login }: { readonly id: string; readonly login: string }, tailnet: Tailnet, event: StoredEvent) {
  const { actor, data } = event;
  if (actor.id === id || data.userId === id || personOf(tailnet, event) === login) return true;
  return Array.isArray(data.members) && data.members.includes(login);
}
