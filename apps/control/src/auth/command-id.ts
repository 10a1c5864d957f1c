import { hash } from 'node:crypto';

/**
 * The id of a command in the ledger, made of who sends it and of the id that the sender chose. Ids stand in the ledger
 * for all auditors to read; so nobody can repeat the command of somebody else, and what it answered, by its id.
 */
export const commandIdOf = (sender: string, chosen: string): string =>
  hash('sha256', `netfold command\0${sender}\0${chosen}`, 'hex').slice(0, 40);
