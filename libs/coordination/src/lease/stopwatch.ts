/** Time that only ever goes on, of this process alone: what other processes' clocks say does not matter to it. */
export interface Stopwatch {
  /** Milliseconds since some moment. */
  now(): number;
  /** Resolves after so many milliseconds, or at once when the signal comes; never rejects. */
  pause(milliseconds: number, signal: AbortSignal): Promise<void>;
}

export const systemStopwatch: Stopwatch = {
  now: () => performance.now(),
  pause: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done);
    }),
};
