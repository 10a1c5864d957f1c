import koffi from 'koffi';

/**
 * Lets other threads that could run do so before this one goes on (sched_yield): whoever packets were just handed to can
 * take them out of a socket that has room for a few hundred. One that waits alone for the processor comes back at once.
 */
export const giveWay: () => number = koffi.load(null).func('sched_yield', 'int', []);
