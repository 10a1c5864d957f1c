/** A person's key, which lives outside the ledger: without it, what it sealed is gone for good. */
export interface PersonKey {
  /** Says nothing about the person: random, lower-case letters and digits. */
  readonly id: string;
  /** 64 random bytes: the two halves of an AES-256-SIV key. */
  readonly secret: Uint8Array;
}

/** The keys of all people whose data the ledger holds. */
export interface PersonKeys {
  /** The key of whoever has this e-mail address, made when there is none yet. Upper and lower case are the same. */
  of(email: string): PersonKey;
  /** Undefined when it was erased. */
  find(id: string): PersonKey | undefined;
  /** Destroys a key for good; one that is gone is gone already. */
  erase(id: string): void;
}
