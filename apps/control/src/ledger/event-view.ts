import type { StoredEvent } from '#event-store';
import { upcast } from '#tailnet';
import type { Tailnet } from '../tailnet/tailnet.js';
import { comparedLines, type LineCounts } from './compared-lines.js';
import { describeEvent } from './describe-event.js';

/** An event as the API shows it: all of it, and in words who caused it and what it says. */
export interface EventView extends Omit<StoredEvent, 'position'> {
  /** Who caused it, by the name it had then: a login, the description of a token, a node, or `system`. */
  readonly by: string;
  /** The login of the person whom a token acted for. */
  readonly person?: string;
  /** What changed, in one sentence. */
  readonly summary: string;
}

/** Looking for the policy before a publication may fold some thousand events; so many answers are kept. */
const REMEMBERED = 512;

const publications = new Map<string, LineCounts>();

export async function eventView(tailnet: Tailnet, { position, ...event }: StoredEvent): Promise<EventView> {
  const { names } = tailnet;
  const person = personOf(tailnet, event);
  const policy = event.type === 'AclPublished' ? await publicationOf(tailnet, event) : undefined;
  return {
    ...event,
    by: byWhom(tailnet, event),
    ...(person !== undefined && { person }),
    summary: describeEvent(event, names, policy),
  };
}

/** The user whom the token of an event acts for, by login. */
export function personOf({ names, fold }: Tailnet, { actor, revision }: Pick<StoredEvent, 'actor' | 'revision'>) {
  const userId = actor.kind === 'token' ? fold.state.apiTokens.get(actor.id)?.userId : undefined;
  return userId === undefined ? undefined : names.of(userId, revision);
}

export function byWhom({ names }: Tailnet, { actor, revision }: Pick<StoredEvent, 'actor' | 'revision'>): string {
  if (actor.kind === 'system') return 'system';
  return actor.name ?? names.of(actor.id, revision);
}

async function publicationOf({ history }: Tailnet, event: Omit<StoredEvent, 'position'>): Promise<LineCounts> {
  const known = publications.get(event.hash);
  if (known) return known;
  const current = upcast(event);
  const text = current?.type === 'AclPublished' ? current.data.text : '';
  const before = event.revision === 0 ? '' : (await history.stateAt(event.revision - 1)).policy.text;
  const counts = comparedLines(before, text);
  publications.set(event.hash, counts);
  for (const hash of publications.keys()) if (publications.size > REMEMBERED) publications.delete(hash);
  return counts;
}
