import type { Role } from '#policy';

export interface UserCommands {
  AddUser: {
    readonly userId: string;
    readonly login: string;
    readonly displayName: string;
    readonly role: Role;
  };
  ChangeUserRole: { readonly userId: string; readonly role: Role };
  SuspendUser: { readonly userId: string };
  ResumeUser: { readonly userId: string };
  /** Removes the user's own nodes and auth keys too; tagged nodes stay. */
  RemoveUser: { readonly userId: string };
  SyncGroup: {
    /** With its prefix: `group:eng`. */
    readonly group: string;
    /** Login names, also of people who have not joined yet. */
    readonly members: readonly string[];
  };
}
