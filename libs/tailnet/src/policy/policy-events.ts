import { type Shapes, text } from '../shape.js';

export interface PolicyEvents {
  /** The HuJSON as it was given, comments included. */
  AclPublished: { readonly text: string };
}

export const POLICY_EVENTS: Shapes<PolicyEvents> = { AclPublished: { text } };
