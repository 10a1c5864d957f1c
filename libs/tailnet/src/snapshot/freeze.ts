import type { JsonValue } from '#kernel';
import { initialState, type TailnetState } from '../state.js';
import { SLICES } from './slices.js';

/**
 * Names what `freeze` writes and `thaw` understands: the form of the pieces, and what the events of the ledger mean to
 * `evolve`. It goes up when either changes, and everything that was frozen before is worthless then.
 */
export const SNAPSHOT_VERSION = 5;

/** The name of a member of a state. */
export type SliceName = keyof TailnetState;

/** A part of a frozen state, not larger than some thousand small things. */
export interface Piece {
  readonly slice: SliceName;
  readonly value: JsonValue;
}

/** A state as JSON, piece by piece: there may be other work between two of them, since the state cannot change. */
export function* freeze(state: TailnetState): Iterable<Piece> {
  for (const slice of Object.keys(SLICES) as SliceName[]) {
    for (const value of SLICES[slice].freeze(state)) yield { slice, value };
  }
}

/**
 * The state that was frozen. What no piece speaks of is as in a tailnet without events: without the pieces of
 * `outcomes`, the state remembers no commands.
 * @param pieces those of `freeze`, in their order, through JSON
 * @throws NetfoldError `snapshot.unreadable`
 */
export function thaw(pieces: Iterable<Piece>): TailnetState {
  const bySlice = new Map<SliceName, JsonValue[]>();
  for (const { slice, value } of pieces) {
    const known = bySlice.get(slice);
    if (known) known.push(value);
    else bySlice.set(slice, [value]);
  }
  let state = initialState;
  for (const slice of Object.keys(SLICES) as SliceName[]) {
    const member = SLICES[slice].thaw(bySlice.get(slice) ?? [], state);
    if (member !== undefined) state = { ...state, [slice]: member };
  }
  return state;
}
