/**
 * What is done while a lease is held. It ends when it is done, or soon after the signal: until it has ended, this process does
 * not hold the lease again.
 * @param signal comes before anybody else can hold the lease
 * @param token greater than those of all who held it before: whoever is shown a greater one refuses this one, so that a
 * process that was stopped for a while, and knows nothing of it, does no harm
 */
export type LeaseWork = (signal: AbortSignal, token: number) => Promise<void>;
