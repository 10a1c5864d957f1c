import type { Problem } from '#kernel';
import { mayTag } from '#policy';
import { directoryOf } from '../policy/directory-of.js';
import type { TailnetState } from '../state.js';

/** Each once and in order, so that equal sets are equal lists. */
export const sortedTags = (tags: readonly string[]): readonly string[] => [...new Set(tags)].sort();

export const sameTags = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((tag, i) => tag === b[i]);

/**
 * Why these tags may not be given, if so. The policy must declare every tag; a user who may not tag anything at will
 * must be its owner by the policy's `tagOwners`.
 * @param owner the login of that user
 */
export function badTags(state: TailnetState, tags: readonly string[], owner?: string): Problem | undefined {
  for (const tag of tags) {
    const problem = badTag(state, tag, owner);
    if (problem) return { ...problem, where: tag };
  }
  return undefined;
}

function badTag(state: TailnetState, tag: string, owner: string | undefined): Problem | undefined {
  const { policy } = state.policy;
  if (!policy?.tagOwners.has(tag)) {
    return {
      code: 'tag.undeclared',
      message: `the policy does not know ${tag}`,
      hint: 'add it to "tagOwners", as tag:web',
    };
  }
  if (owner === undefined || mayTag(policy, owner, tag, directoryOf(state))) return undefined;
  const hint = 'ask an admin to name the user in "tagOwners"';
  return { code: 'tag.not_permitted', message: `${owner} may not give the tag ${tag}`, hint };
}
