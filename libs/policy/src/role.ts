/** The roles that a user may have in a tailnet, each also an autogroup (`autogroup:network-admin`). */
export const ROLES = ['owner', 'admin', 'it-admin', 'network-admin', 'billing-admin', 'auditor', 'member'] as const;

export type Role = (typeof ROLES)[number];
