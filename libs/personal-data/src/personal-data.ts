import type { JsonObject, JsonValue } from '#kernel';
import type { PersonKeys } from './person-keys.js';
import { openText, sealText, sealWhole } from './sealed-text.js';

/** The parts of an event that people write, or that tell of them. */
export interface Telling {
  readonly actor: { readonly name?: string };
  readonly reason?: string;
  readonly data: JsonObject;
}

/**
 * The event as the ledger keeps it: e-mail addresses, wherever they stand, and the names of people are sealed under a key
 * per person. An event's hash covers the sealed form, so it holds when a key is destroyed.
 */
export function sealPersonalData<E extends Telling>(event: E, keys: Pick<PersonKeys, 'of'>): E {
  return throughTexts(event, (text, name, owner) => {
    // A person's name is no address, but it stands beside the login of whom it names.
    const named = name === 'displayName' && text !== '' && typeof owner?.login === 'string' ? owner.login : undefined;
    return named === undefined ? sealText(text, keys) : sealWhole(text, keys.of(named));
  });
}

/** The event as people read it: `sealPersonalData` undone, for everyone who was not erased. */
export const openPersonalData = <E extends Telling>(event: E, keys: Pick<PersonKeys, 'find'>): E =>
  throughTexts(event, (text) => openText(text, keys));

/** The ids of the people whom a sealed event names. */
export function peopleIn(event: Telling): ReadonlySet<string> {
  const ids = new Set<string>();
  openPersonalData(event, { find: (id) => void ids.add(id) });
  return ids;
}

/** What becomes of a text, which may be a member of this name of this object. */
type TextMap = (text: string, name?: string, owner?: JsonObject) => string;

function throughTexts<E extends Telling>(event: E, map: TextMap): E {
  const { actor, reason } = event;
  return {
    ...event,
    ...(actor.name !== undefined && { actor: { ...actor, name: map(actor.name) } }),
    ...(reason !== undefined && { reason: map(reason) }),
    data: mapObject(event.data, map),
  };
}

function mapObject(object: JsonObject, map: TextMap): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      map(name),
      typeof value === 'string' ? map(value, name, object) : mapValue(value, map),
    ]),
  );
}

function mapValue(value: JsonValue | undefined, map: TextMap): JsonValue | undefined {
  if (typeof value === 'string') return map(value);
  if (isList(value)) return value.map((part) => mapValue(part, map) ?? null);
  return value !== null && typeof value === 'object' ? mapObject(value, map) : value;
}

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value);
