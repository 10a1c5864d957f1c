import { utf8 } from '#kernel';
import type { Message } from '#messaging';
import type { FlowReport } from '#wire';

/** A report, and who has proven that it is theirs. */
export interface ReportedFlows {
  readonly tailnet: string;
  readonly node: string;
  /** When it came, in milliseconds since the Unix epoch. */
  readonly reportedAt: number;
  readonly report: FlowReport;
}

/** As it is published: proto/flows/README.md is the contract. The largest report that the wire takes fits in a message. */
export const flowMessage = ({ tailnet, node, reportedAt, report: { omitted, flows } }: ReportedFlows): Message => ({
  key: node,
  value: utf8(JSON.stringify({ tailnet, node, reportedAt, omitted, flows })),
  headers: { 'content-type': 'application/json' },
});
