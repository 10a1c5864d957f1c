import type { TakenFlows } from '#filter';
import type { FlowReport } from '#wire';
import { isStranger } from '../by-hand/strangers.js';

/**
 * What the control plane is told of flows: those with nodes of the tailnet. What somebody has set on the interface by
 * hand is none of its business.
 * @param offset what makes milliseconds since the Unix epoch of the times of the flows
 */
export const flowReport = ({ flows, omitted }: TakenFlows, offset: number): FlowReport => ({
  flows: flows
    .filter(({ peer }) => !isStranger(peer))
    .map((flow) => ({
      ...flow,
      firstSeen: Math.round(offset + flow.firstSeen),
      lastSeen: Math.round(offset + flow.lastSeen),
    })),
  omitted,
});
