/** What a command printed, on both outputs, and how it ended. `code` is undefined while it goes on. */
export interface Outcome {
  readonly code: number | undefined;
  readonly output: string;
}
