import type { ReviewRule } from './review-rule.js';

export interface ReviewCommands {
  /** Replaces all rules. No rules: everybody acts alone, within their role. */
  SetReviewRules: { readonly rules: readonly ReviewRule[] };
}
