import { Map as PersistentMap } from 'immutable';
import type { JsonValue } from '#kernel';
import type { Node } from '../nodes/node.js';
import type { TailnetState } from '../state.js';

/** How one member of a state becomes JSON, and JSON that member. */
export interface Slice<K extends keyof TailnetState> {
  /** In pieces of a bounded size, so that a large state keeps nobody waiting; none when there is nothing to say. */
  freeze(state: TailnetState): Iterable<JsonValue>;
  /**
   * @param pieces all that `freeze` gave, through JSON
   * @param state what has been thawed so far: the members above this one
   */
  thaw(pieces: readonly JsonValue[], state: TailnetState): TailnetState[K];
}

/** So many things are in one piece. */
const PIECE = 512;

function* chunks(values: Iterable<JsonValue>): Iterable<JsonValue[]> {
  let chunk: JsonValue[] = [];
  for (const value of values) {
    chunk.push(value);
    if (chunk.length < PIECE) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

/** Inverse of `chunks`. */
export const joined = (pieces: readonly JsonValue[]): readonly JsonValue[] => pieces.flat() as readonly JsonValue[];

/** A slice of many small things. */
export const listed = <K extends keyof TailnetState>(
  freeze: (state: TailnetState) => Iterable<JsonValue>,
  thaw: (items: readonly JsonValue[], state: TailnetState) => TailnetState[K],
): Slice<K> => ({
  freeze: (state) => chunks(freeze(state)),
  thaw: (pieces, state) => thaw(joined(pieces), state),
});

/** A member that is JSON already. */
export const plain = <K extends keyof TailnetState>(name: K): Slice<K> => ({
  *freeze({ [name]: value }) {
    if (value !== undefined) yield value as JsonValue;
  },
  thaw: ([value]) => value as TailnetState[K],
});

/** A map of things that are JSON already and know their id. */
export const byId = <K extends 'users' | 'authKeys' | 'apiTokens'>(name: K): Slice<K> =>
  listed(
    ({ [name]: things }) => things.values() as Iterable<unknown> as Iterable<JsonValue>,
    (items) =>
      PersistentMap((items as unknown as readonly { id: string }[]).map((one) => [one.id, one])) as TailnetState[K],
  );

type Index = PersistentMap<string, string>;
type Indexed = { [K in keyof TailnetState]: TailnetState[K] extends Index ? K : never }[keyof TailnetState];

/**
 * An index that follows from other slices. What it says beyond them is kept: events that made no sense may have left
 * it different, and a state that was frozen must come back as it was.
 */
export const derived = <K extends Indexed & keyof TailnetState>(
  name: K,
  derive: (state: TailnetState) => Index,
): Slice<K> =>
  listed(
    (state) => deviations(state[name] as Index, derive(state)),
    (items, state) =>
      derive(state).withMutations((index) => {
        for (const [key, value] of items as readonly (readonly [string, string | null])[]) {
          if (value === null) index.delete(key);
          else index.set(key, value);
        }
      }) as TailnetState[K],
  );

/** An index of the nodes by what each has. */
export const byNode = <K extends Indexed & keyof TailnetState>(
  name: K,
  keysOf: (node: Node) => readonly string[],
): Slice<K> =>
  derived(name, ({ nodes }) =>
    PersistentMap<string, string>().withMutations((index) => {
      for (const node of nodes.values()) for (const key of keysOf(node)) index.set(key, node.id);
    }),
  );

function* deviations(actual: Index, expected: Index): Iterable<JsonValue> {
  for (const [key, value] of actual) if (expected.get(key) !== value) yield [key, value];
  for (const key of expected.keys()) if (!actual.has(key)) yield [key, null];
}
