import type { PersonKeyFile } from './person-key-file.js';

/** The keys of people, under a name that they can be injected by. */
export class People {
  constructor(readonly keys: PersonKeyFile) {}
}
