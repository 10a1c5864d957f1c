import type { Problem } from '#kernel';
import { GRANTS } from '../authorise.js';
import { ALREADY_SO, type Deciders, record, reject } from '../decider.js';
import type { TailnetState } from '../state.js';
import type { ReviewCommands } from './review-commands.js';
import { countsAs, REVIEWERS, type ReviewRule } from './review-rule.js';

const MAX_RULES = 50;
const MAX_APPROVALS = 10;

export const decideReviewRules: Deciders<ReviewCommands> = {
  SetReviewRules: (state, { rules: given }) => {
    const rules = given.map(canonical);
    const problem = badRules(state, rules);
    if (problem) return reject(problem);
    if (JSON.stringify(rules) === JSON.stringify(state.changes.rules.map(canonical))) return ALREADY_SO;
    return record('ReviewRulesChanged', { rules });
  },
};

/** Members in a fixed order, commands once each and sorted, so that equal rules are equal texts. */
const canonical = ({ commands, approvals, role }: ReviewRule): ReviewRule => ({
  commands: [...new Set(commands)].sort(),
  approvals,
  role,
});

function badRules(state: TailnetState, rules: readonly ReviewRule[]): Problem | undefined {
  if (rules.length > MAX_RULES) {
    return { code: 'review.too_many_rules', message: `a tailnet has at most ${MAX_RULES} rules`, where: 'rules' };
  }
  for (const [i, rule] of rules.entries()) {
    const problem = badRule(state, rule);
    if (problem) return { ...problem, where: `rules[${i}]` };
  }
  return undefined;
}

function badRule(state: TailnetState, { commands, approvals, role }: ReviewRule): Problem | undefined {
  if (commands.length === 0) return { code: 'review.bad_rule', message: 'a rule names at least one command' };
  if (!Number.isInteger(approvals) || approvals < 1 || approvals > MAX_APPROVALS) {
    return { code: 'review.bad_rule', message: `a rule asks for 1 to ${MAX_APPROVALS} approvals` };
  }
  if (!REVIEWERS.includes(role)) {
    const hint = `ask one of these: ${REVIEWERS.join(', ')}`;
    return { code: 'review.bad_rule', message: `people with the role ${role} do not review`, hint };
  }
  if (isAttainable(state, approvals, role)) return undefined;
  return {
    code: 'review.unattainable',
    message: `nobody could meet this rule: it needs ${approvals} with the role ${role}, beside the one who proposes`,
    hint: 'give the role to more people first, or ask for fewer approvals',
  };
}

/** Whether there are people enough, whoever it is that proposes. */
function isAttainable({ users }: TailnetState, approvals: number, role: ReviewRule['role']): boolean {
  const active = [...users.values()].filter(({ suspended }) => !suspended);
  const reviewers = active.filter((user) => countsAs(user.role, role));
  const proposers = active.filter((user) => GRANTS.ProposeChange[user.role] === 'any');
  return proposers.some((proposer) => reviewers.filter(({ id }) => id !== proposer.id).length >= approvals);
}
