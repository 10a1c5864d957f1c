export interface RouteCommands {
  /** The whole set of prefixes that the node wants to serve. */
  AdvertiseRoutes: { readonly nodeId: string; readonly prefixes: readonly string[] };
  ApproveRoute: { readonly nodeId: string; readonly prefix: string };
  /** Also keeps the policy from approving it again. */
  RevokeRoute: { readonly nodeId: string; readonly prefix: string };
}
