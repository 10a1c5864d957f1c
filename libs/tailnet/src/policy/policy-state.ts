import type { CompiledPolicy, Policy, PolicySurroundings } from '#policy';

/** The policy in force. */
export interface PolicyState {
  readonly text: string;
  /** Of the event that published it; -1 before the first one. */
  readonly revision: number;
  /** Undefined before the first one; then nothing is allowed. */
  readonly policy?: Policy | undefined;
  readonly compiled?: CompiledPolicy | undefined;
  /** What the text was read among, when it was published: with it, the text says the same for ever. */
  readonly around?: PolicySurroundings | undefined;
}

export const NO_POLICY: PolicyState = { text: '', revision: -1 };
