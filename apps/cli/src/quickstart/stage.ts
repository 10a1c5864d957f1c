import type { RunningControl } from '../../../control/src/index.js';
import type { AdminClient } from '../admin/admin-client.js';
import type { DemoAgent } from './demo-agent.js';

export const ALICE = 'alice@example.com';
export const SUBNET = '192.168.77.0/24';
/** A machine in that subnet, behind prod-1. */
export const LAN_HOST = '192.168.77.10';

export type AgentName = 'laptop' | 'dev-1' | 'prod-1';

/** Who plays in the scenario. */
export interface Stage {
  readonly control: RunningControl;
  readonly admin: AdminClient;
  readonly agents: Readonly<Record<AgentName, DemoAgent>>;
}
