import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Starts a program of this folder as a child process, and waits for its first message. */
export async function startChild<T>(program: string, ...words: string[]): Promise<{ child: ChildProcess; ready: T }> {
  const child = fork(fileURLToPath(new URL(program, import.meta.url)), words, { stdio: ['ignore', 2, 2, 'ipc'] });
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${program} ended with ${code} before it was ready`);
  });
  const [ready] = (await Promise.race([once(child, 'message'), failed])) as [T];
  failed.catch(() => {});
  return { child, ready };
}
