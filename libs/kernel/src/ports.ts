/** The time, in milliseconds since the Unix epoch. Pure code takes `now` as a number instead. */
export interface Clock {
  now(): number;
}

/** Cryptographically strong randomness; simulations pass a seeded one. */
export interface Random {
  bytes(length: number): Uint8Array;
}
