import { ROLES, type Role } from '#policy';
import { listOf, oneOf, type Shapes, text } from '../shape.js';

export interface UserEvents {
  UserJoined: {
    readonly userId: string;
    readonly login: string;
    readonly displayName: string;
    readonly role: Role;
  };
  /** What the issuer calls the person whose login this is. */
  UserNamed: { readonly userId: string; readonly login: string; readonly displayName: string };
  UserRoleChanged: { readonly userId: string; readonly role: Role };
  UserSuspended: { readonly userId: string };
  UserResumed: { readonly userId: string };
  UserRemoved: { readonly userId: string };
  /** The key of this person is to be destroyed, wherever there is a copy: what it sealed cannot be read any more. */
  PersonErased: { readonly personId: string };
  /** The group has exactly these members from now on; no members: it is gone. */
  GroupSynced: { readonly group: string; readonly members: readonly string[] };
}

const role = oneOf(...ROLES);

export const USER_EVENTS: Shapes<UserEvents> = {
  UserJoined: { userId: text, login: text, displayName: text, role },
  UserNamed: { userId: text, login: text, displayName: text },
  UserRoleChanged: { userId: text, role },
  UserSuspended: { userId: text },
  UserResumed: { userId: text },
  UserRemoved: { userId: text },
  PersonErased: { personId: text },
  GroupSynced: { group: text, members: listOf(text) },
};
