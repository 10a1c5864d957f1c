import type { Role } from '#policy';

export interface UserEvents {
  UserJoined: {
    readonly userId: string;
    readonly login: string;
    readonly displayName: string;
    readonly role: Role;
  };
  UserRoleChanged: { readonly userId: string; readonly role: Role };
  UserSuspended: { readonly userId: string };
  UserResumed: { readonly userId: string };
  UserRemoved: { readonly userId: string };
  /** The group has exactly these members from now on; no members: it is gone. */
  GroupSynced: { readonly group: string; readonly members: readonly string[] };
}
