import { ROLES, type Role } from '#policy';
import { listOf, number, oneOf, type Shape, shaped } from '../shape.js';
import { PROPOSABLE, type ProposableType } from './proposable.js';

/** Which commands need how many approvals, and from whom. */
export interface ReviewRule {
  readonly commands: readonly ProposableType[];
  /** How many people, beside the one who proposes. */
  readonly approvals: number;
  /** What these people must be, or outrank: an owner counts for everyone, an admin for everyone but an owner. */
  readonly role: Role;
}

/** Who can be asked to review: the others may not even see what a change would do. */
export const REVIEWERS: readonly Role[] = ['owner', 'admin', 'it-admin', 'network-admin', 'auditor'];

/** Whether someone of this role counts where that role is asked for. */
export const countsAs = (role: Role, wanted: Role): boolean =>
  role === wanted || role === 'owner' || (role === 'admin' && wanted !== 'owner');

const shape: Shape<ReviewRule> = {
  commands: listOf(oneOf(...PROPOSABLE)),
  approvals: number,
  role: oneOf(...ROLES),
};

export const reviewRules = listOf(shaped(shape));

/**
 * The rules that ask for approvals of these commands. The rules themselves are always covered: where no rule names
 * them, by the one that asks for most, for otherwise anybody could do away with the rules and then with the rest.
 */
export function rulesFor(rules: readonly ReviewRule[], types: Iterable<string>): readonly ReviewRule[] {
  const wanted = new Set(types);
  const covering = rules.filter(({ commands }) => commands.some((type) => wanted.has(type)));
  const named = rules.some(({ commands }) => commands.includes('SetReviewRules'));
  if (!wanted.has('SetReviewRules') || named) return covering;
  const strictest = rules.reduce<ReviewRule | undefined>(
    (most, rule) => (most && most.approvals >= rule.approvals ? most : rule),
    undefined,
  );
  return strictest && !covering.includes(strictest) ? [...covering, strictest] : covering;
}
