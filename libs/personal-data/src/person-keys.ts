/** A person's key, which lives outside the ledger: without it, what it sealed is gone for good. */
export interface PersonKey {
  /** Says nothing about the person: random, lower-case letters and digits. */
  readonly id: string;
  /** 64 random bytes: the two halves of an AES-256-SIV key. */
  readonly secret: Uint8Array;
}

/**
 * The keys of all people whose data the ledger holds, as far as this process knows them. What seals and opens has no time to
 * wait: whoever appends waits for `settled` before, and whoever reads for `learn`.
 */
export interface PersonKeys {
  /** The key of whoever has this e-mail address, made when there is none yet. Upper and lower case are the same. */
  of(email: string): PersonKey;
  /**
   * Resolves when the keys that `of` has made are kept for good; until then nothing that is sealed with them may be stored.
   * False when other replicas were faster, and `of` answers otherwise from now on: then it has to be sealed again.
   */
  settled(): Promise<boolean>;
  /** Undefined when it was erased, or when this process has not learnt of it. */
  find(id: string): PersonKey | undefined;
  /** Resolves when `find` knows of these keys, unless they were erased. */
  learn(ids: Iterable<string>): Promise<void>;
  /** Forgets a key at once; resolves when it is destroyed for good. One that is gone is gone already. */
  erase(id: string): Promise<void>;
}
