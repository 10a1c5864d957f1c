import { type Problem, problemOf } from '#kernel';

/** What would be no better without a thread, and the cryptography that somebody has asked for by name. */
const NO_BETTER_WITHOUT: ReadonlySet<string> = new Set([
  'crypto.unusable',
  'host.need_root',
  'host.port_in_use',
  'host.no_tun',
  'host.bad_interface_name',
  'host.interface_in_use',
]);

/**
 * Starts what carries packets in a thread of its own.
 * @returns what keeps the thread from running here: packets can be carried without it
 * @throws NetfoldError what would be no better without it
 */
export async function startOrProblem<T>(start: () => Promise<T>): Promise<T | Problem> {
  try {
    return await start();
  } catch (error) {
    const problem = problemOf(error);
    if (NO_BETTER_WITHOUT.has(problem.code)) throw error;
    return problem;
  }
}
