import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Names } from '#history';
import { stateDigests } from '#history';
import type { JsonValue } from '#kernel';
import { equalBytes } from '#kernel';
import { digestOfView, type Network } from '#netmap';
import type { TailnetState } from '#tailnet';
import { encodeItem } from '#wire';

/** What is kept up to date about a tailnet, at one revision. */
export interface Projected {
  readonly state: TailnetState;
  readonly network: Network;
  /** Frozen: names go on to change. */
  readonly names: readonly JsonValue[];
}

/** So many netmaps are compared without a pause. */
const STRIDE = 16;
/** So many differences are named. */
const NAMED = 10;

export const frozenNames = (names: Names): readonly JsonValue[] => [...names.freeze()];

/** In what two projections of the same events differ: `state.nodes`, `names`, `netmap of node_…`; in nothing, if all is well. */
export async function differences(a: Projected, b: Projected): Promise<readonly string[]> {
  const found: string[] = [];
  const [ours, theirs] = [await stateDigests(a.state), await stateDigests(b.state)];
  for (const slice of new Set([...ours.keys(), ...theirs.keys()])) {
    if (ours.get(slice) !== theirs.get(slice)) found.push(`state.${slice}`);
  }
  if (sorted(a.names) !== sorted(b.names)) found.push('names');
  let looked = 0;
  for (const id of new Set([...a.network.nodes.keys(), ...b.network.nodes.keys()])) {
    const [mine, other] = [a.network, b.network].map((network) => digestOfView(network, id, encodeItem));
    if (!mine || !other || !equalBytes(mine, other)) found.push(`netmap of ${id}`);
    if (found.length >= NAMED) return found;
    looked += 1;
    if (looked % STRIDE === 0) await nextTurn();
  }
  return found;
}

const sorted = (items: readonly JsonValue[]): string =>
  items
    .map((item) => JSON.stringify(item))
    .sort()
    .join('\n');
