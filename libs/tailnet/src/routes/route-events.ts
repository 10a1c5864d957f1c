import { cidr, oneOf, type Shapes, text } from '../shape.js';
import type { RouteApprover } from './route.js';

export interface RouteEvents {
  RouteAdvertised: { readonly nodeId: string; readonly prefix: string };
  RouteWithdrawn: { readonly nodeId: string; readonly prefix: string };
  RouteApproved: { readonly nodeId: string; readonly prefix: string; readonly by: RouteApprover };
  /** By policy: the policy does not approve it any more. */
  RouteRevoked: { readonly nodeId: string; readonly prefix: string; readonly by: RouteApprover };
}

const by = oneOf('admin', 'policy');

export const ROUTE_EVENTS: Shapes<RouteEvents> = {
  RouteAdvertised: { nodeId: text, prefix: cidr() },
  RouteWithdrawn: { nodeId: text, prefix: cidr() },
  RouteApproved: { nodeId: text, prefix: cidr(), by },
  RouteRevoked: { nodeId: text, prefix: cidr(), by },
};
