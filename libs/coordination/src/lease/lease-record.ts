import type { Register } from '../registers.js';

/** What the register of a lease says. */
export interface LeaseRecord {
  /** One attempt of one process to hold it: random, never used again. */
  readonly holder: string;
  /** How long others leave it alone that see nothing change, in milliseconds; 0 when it was given back. */
  readonly ttl: number;
}

export const leaseValue = ({ holder, ttl }: LeaseRecord): string => JSON.stringify({ holder, ttl });

export function leaseIn({ value }: Register): LeaseRecord {
  const { holder, ttl } = (JSON.parse(value) ?? {}) as { readonly [key in keyof LeaseRecord]?: unknown };
  return { holder: String(holder), ttl: typeof ttl === 'number' ? ttl : 0 };
}
