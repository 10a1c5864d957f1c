import type { Tunnel } from '../engine/tunnel.js';
import { FlowReporter } from '../flows/flow-reporter.js';
import type { ControlLink } from '../link/control-link.js';
import type { NodePorts } from './node-ports.js';

/** What tells the control plane of a node’s flows; undefined where nobody has asked for it. */
export function flowLogs(
  ports: NodePorts,
  { filter }: Tunnel,
  link: Pick<ControlLink, 'takesFlows' | 'reportFlows' | 'flushed'>,
): FlowReporter | undefined {
  if (!ports.flowLogs) return undefined;
  return new FlowReporter({
    ...ports,
    take: (most) => filter.takeFlows(most),
    isListening: () => link.takesFlows,
    send: (report) => link.reportFlows(report),
    flushed: () => link.flushed(),
  });
}
