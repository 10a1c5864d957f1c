import { AdminProblem } from './admin-problem.js';

/** One of two edits of the same place. */
interface Side {
  readonly text: string;
  readonly line: number;
}

/** What the server says of an edit of the policy that began before the newest one. */
export interface StaleEdit {
  readonly base: number;
  readonly head: number;
  /** The revision of the policy in force. */
  readonly published: number;
  /** Both edits in one text; null when they contradict each other. */
  readonly merged: string | null;
  readonly conflicts: readonly {
    readonly path: string;
    readonly message: string;
    readonly ours?: Side;
    readonly theirs?: Side;
  }[];
}

/** The stale edit that a failure is about, if it is. */
export const staleEditOf = (error: unknown): StaleEdit | undefined =>
  error instanceof AdminProblem && isStaleEdit(error.details) ? error.details : undefined;

const isStaleEdit = (details: unknown): details is StaleEdit =>
  typeof details === 'object' && details !== null && 'merged' in details && 'conflicts' in details;

/** Where two edits contradict each other, for people. */
export function conflictLines({ conflicts, base, published }: StaleEdit): string[] {
  const side = (name: string, given: Side | undefined) =>
    given === undefined ? [`    ${name}: nothing`] : [`    ${name} (line ${given.line}): ${firstLine(given.text)}`];
  return [
    `Since revision ${base}, where your edit began, somebody has published another policy (revision ${published}).`,
    'Both edits touch the same places:',
    ...conflicts.flatMap(({ path, message, ours, theirs }) => [
      `  ${path || 'the whole policy'}: ${message}`,
      ...side('yours', ours),
      ...side('theirs', theirs),
    ]),
  ];
}

const MAX_SHOWN = 100;

function firstLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > MAX_SHOWN ? `${line.slice(0, MAX_SHOWN)}…` : line;
}
