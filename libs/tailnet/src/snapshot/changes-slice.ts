import { Map as PersistentMap } from 'immutable';
import type { JsonObject, JsonValue } from '#kernel';
import type { Change, Override } from '../changes/change.js';
import type { ReviewRule } from '../changes/review-rule.js';
import type { Slice } from './slice.js';

type Piece =
  | { readonly rules: readonly ReviewRule[]; readonly ended: readonly string[] }
  | { readonly change: Change }
  | { readonly override: Override };

/** The rules, then each change by itself: one may hold a whole policy. */
export const changesSlice: Slice<'changes'> = {
  *freeze({ changes: { rules, byId, ended, overrides } }) {
    yield asJson({ rules, ended });
    for (const change of byId.values()) yield asJson({ change });
    for (const override of overrides.values()) yield asJson({ override });
  },
  thaw: (given) => {
    const pieces = given as unknown as readonly Piece[];
    const [first] = pieces.flatMap((piece) => ('rules' in piece ? [piece] : []));
    const changes = pieces.flatMap((piece) => ('change' in piece ? [piece.change] : []));
    const overrides = pieces.flatMap((piece) => ('override' in piece ? [piece.override] : []));
    return {
      rules: first?.rules ?? [],
      ended: first?.ended ?? [],
      byId: PersistentMap(changes.map((change) => [change.id, change])),
      overrides: PersistentMap(overrides.map((override) => [override.id, override])),
    };
  },
};

const asJson = (piece: Piece): JsonValue => piece as unknown as JsonObject;
