import type { PersonKeyStore } from './person-key-store.js';

/** The keys of people, under a name that they can be injected by. */
export class People {
  constructor(readonly keys: PersonKeyStore) {}
}
