import type { Actor, EventStore } from '#event-store';
import type { Problem } from '#kernel';
import type { TailnetState } from '#tailnet';
import { eventAt } from '../ledger/event-at.js';
import type { WriteRequest } from '../tailnet/decide-batch.js';
import type { Tailnet } from '../tailnet/tailnet.js';

/** A document that is always written whole. */
interface Document {
  readonly name: string;
  /** The revision at which the one in force was written; below 0: never. */
  readonly written: number;
}

/**
 * Why somebody who does not say on what a document builds may not replace the one in force, if so: it is not their own, and
 * they may not have seen it.
 */
export async function unseen(
  store: EventStore,
  tailnet: Tailnet,
  { id, actor }: Pick<WriteRequest, 'id' | 'actor'>,
  { name, written }: Document,
): Promise<Problem | undefined> {
  const { state } = tailnet.fold;
  // What was carried out before has its first answer.
  if (written < 0 || state.outcomes.revisionOf(id) !== undefined) return undefined;
  const { actor: author, revision } = await eventAt(store, tailnet, written);
  const begun = author.kind === 'system' && author.id === 'first-start';
  if (begun || isSame(state, author, actor)) return undefined;
  return {
    code: 'http.condition_required',
    message: `${author.name ?? author.id} has changed ${name} at revision ${revision}; nothing says that this edit builds on that`,
    where: 'If-Match',
    hint: 'send the revision that the edit began at (GET tells it as ETag), or * to replace whatever there is',
  };
}

/** The same actor, or two tokens of one person. */
const isSame = (state: TailnetState, one: Actor, other: Actor): boolean =>
  (one.kind === other.kind && one.id === other.id) ||
  (personOf(state, one) !== undefined && personOf(state, one) === personOf(state, other));

const personOf = ({ apiTokens }: TailnetState, { kind, id }: Actor): string | undefined =>
  kind === 'token' ? apiTokens.get(id)?.userId : kind === 'user' ? id : undefined;
