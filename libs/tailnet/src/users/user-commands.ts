import type { Role } from '#policy';

export interface UserCommands {
  AddUser: {
    readonly userId: string;
    readonly login: string;
    readonly displayName: string;
    readonly role: Role;
  };
  /** Notes what the issuer calls somebody who signs in. */
  NameUser: { readonly userId: string; readonly displayName: string };
  ChangeUserRole: { readonly userId: string; readonly role: Role };
  SuspendUser: { readonly userId: string };
  ResumeUser: { readonly userId: string };
  /** Removes the user's own nodes and auth keys too; tagged nodes stay. */
  RemoveUser: { readonly userId: string };
  /** Destroys what the ledger knows of a person by name, for good. A user is removed first, as by `RemoveUser`. */
  ErasePerson: {
    /** Of the person's key, which is all that the ledger keeps of somebody in the open. */
    readonly personId: string;
    /** Of the user that the person is, when there still is one. */
    readonly userId?: string;
  };
  SyncGroup: {
    /** With its prefix: `group:eng`. */
    readonly group: string;
    /** Login names, also of people who have not joined yet. */
    readonly members: readonly string[];
  };
}
