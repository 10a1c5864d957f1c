import type { PersonKeys } from '#personal-data';

/** The keys of people where this control plane keeps them. */
export interface PersonKeyStore extends PersonKeys {
  /** The id of whoever has this address; undefined when no event has named them, or when they were erased. */
  idOf(email: string): Promise<string | undefined>;
  close(): void;
}
