export type RouteApprover = 'admin' | 'policy';

/** A prefix that a node serves, or about which someone has decided. It is in force when advertised and approved. */
export interface Route {
  readonly advertised: boolean;
  readonly approved: boolean;
  /**
   * Who decided. An admin's decision stays until an admin changes it, also a refusal (not approved, by admin) and
   * also while the route is withdrawn; the policy's follows the policy.
   */
  readonly by?: RouteApprover | undefined;
  /** The revision since which the route has been in force without a break; -1 when it is not in force. */
  readonly inForceSince: number;
}
