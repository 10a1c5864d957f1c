import type { Role } from './role.js';

/** One node as the policy sees it. */
export interface Subject {
  readonly id: string;
  /** The login name of its owner; undefined for tagged nodes, which belong to no one. */
  readonly user?: string | undefined;
  readonly tags: readonly string[];
  /** Its own addresses in the tailnet, without a length. */
  readonly addresses: readonly string[];
  /** The approved routes that it serves, exit routes included, as CIDR prefixes. */
  readonly routes?: readonly string[] | undefined;
  /** Posture attributes of the device: `node:os`, `custom:tier`, … */
  readonly attributes?: Readonly<Record<string, unknown>> | undefined;
  /** Whether another tailnet shared this node into this one. */
  readonly shared?: boolean | undefined;
}

/** What the policy needs to know about people, and does not say itself. */
export interface Directory {
  roleOf(login: string): Role | undefined;
  /** The groups (`group:eng`) of this user that an identity provider synced, beside those of the policy file. */
  groupsOf(login: string): Iterable<string>;
}
