import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import canonicalize from 'canonicalize';
import { freeze, type TailnetState } from '#tailnet';

/**
 * SHA-256 of each member of a state, by name: equal states have equal digests, however they came about and in whatever
 * order their members iterate. Other work comes between.
 */
export async function stateDigests(state: TailnetState): Promise<ReadonlyMap<string, string>> {
  const items = new Map<string, string[]>();
  for (const { slice, value } of freeze(state)) {
    const texts = (Array.isArray(value) ? value : [value]).map((item) => canonicalize(item) ?? '');
    items.set(slice, [...(items.get(slice) ?? []), ...texts]);
    await nextTurn();
  }
  const digests = new Map<string, string>();
  for (const [slice, texts] of items) {
    const digest = createHash('sha256');
    for (const text of texts.sort()) digest.update(`${text}\n`);
    digests.set(slice, digest.digest('hex'));
    await nextTurn();
  }
  return digests;
}
