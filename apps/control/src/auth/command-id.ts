import { hash } from 'node:crypto';

/**
 * The id of a command in the ledger, made of who sends it and of the id that the sender chose. Ids stand in the ledger
 * for all auditors to read; so nobody can repeat the command of somebody else, and what it answered, by its id.
 * @param content what the command is to do: its fingerprint ends the id, so that the same id for another is noticed
 */
export function commandIdOf(sender: string, chosen: string, content?: string): string {
  const id = hash('sha256', `netfold command\0${sender}\0${chosen}`, 'hex').slice(0, 40);
  // With what was chosen in it, which the ledger does not say: nobody can try out what the content was.
  const print = () => hash('sha256', `netfold content\0${sender}\0${chosen}\0${content}`, 'hex').slice(0, 16);
  return content === undefined ? id : `${id}:${print()}`;
}
