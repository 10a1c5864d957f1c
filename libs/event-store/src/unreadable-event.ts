import type { Problem } from '#kernel';

/** Where an event stands, and what could be read of it. */
export interface EventPlace {
  readonly stream: string;
  readonly revision: number;
  readonly position: number;
  readonly id?: string;
  readonly type?: string;
}

/** An event that a store has and cannot hand out. */
export interface UnreadableEvent extends EventPlace {
  readonly problem: Problem;
}
