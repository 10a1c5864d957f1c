/** What an admin may choose for the whole tailnet. */
export interface Settings {
  /** Whether a new node waits for an admin's approval before it may talk to anyone. */
  readonly deviceApproval: boolean;
  /** How long a node's key lasts after a login, in milliseconds; null: for ever. Tagged nodes' keys never expire. */
  readonly keyExpiry: number | null;
  /** How old a node's WireGuard key may grow before the node replaces it, in milliseconds; null: as old as it likes. */
  readonly keyRotation: number | null;
  /** The prefix within 100.64.0.0/10 that new nodes get their IPv4 address from. */
  readonly ipv4Pool: string;
}

const DAY = 86_400_000;

export const DEFAULT_SETTINGS: Settings = {
  deviceApproval: false,
  keyExpiry: 180 * DAY,
  keyRotation: 30 * DAY,
  ipv4Pool: '100.64.0.0/10',
};
