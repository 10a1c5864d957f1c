import type { RouteApprover } from './route.js';

export interface RouteEvents {
  RouteAdvertised: { readonly nodeId: string; readonly prefix: string };
  RouteWithdrawn: { readonly nodeId: string; readonly prefix: string };
  RouteApproved: { readonly nodeId: string; readonly prefix: string; readonly by: RouteApprover };
  /** By policy: the policy does not approve it any more. */
  RouteRevoked: { readonly nodeId: string; readonly prefix: string; readonly by: RouteApprover };
}
