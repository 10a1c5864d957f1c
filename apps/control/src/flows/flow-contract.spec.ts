import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { fromUtf8 } from '#kernel';
import { FLOWS, LocalBus } from '#messaging';
import { decodeAgentMessage, encodeAgentMessage, type FlowRecord, type FlowReport, MAX_FLOWS } from '#wire';
import { flowReportArbitrary } from '#wire/testing';
import { flowMessage } from './flow-message.js';

const follows = new Ajv2020().compile(JSON.parse(readFileSync('proto/flows/flows.v1.schema.json', 'utf8')));

/** A report as it is published once it has come over the wire. */
function published(report: FlowReport) {
  const received = decodeAgentMessage(encodeAgentMessage({ kind: 'flows', report }));
  if (received.kind !== 'flows') throw new Error('it was a report');
  return flowMessage({
    tailnet: 'default',
    node: 'node_1',
    reportedAt: Date.UTC(2026, 10, 1),
    report: received.report,
  });
}
const readBack = (report: FlowReport) => JSON.parse(fromUtf8(published(report).value ?? new Uint8Array()));

const long = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';
const longest: FlowRecord = {
  ...{ peer: 'n'.repeat(64), protocol: 255, initiator: 'self' },
  ...{ localAddress: long, localPort: 65_535, remoteAddress: long, remotePort: 65_535 },
  ...{ firstSeen: Number.MAX_SAFE_INTEGER, lastSeen: Number.MAX_SAFE_INTEGER },
};

describe('the flow contract', () => {
  test('is kept by every report that the wire takes', () => {
    fc.assert(
      fc.property(flowReportArbitrary, (report) => {
        expect(follows(readBack(report)) || follows.errors).toBe(true);
      }),
    );
  });

  test('says all that a message holds, and asks for it', () => {
    const message = readBack({ flows: [longest], omitted: 3 });
    const [flow] = message.flows;
    for (const member of Object.keys(message)) expect(follows({ ...message, [member]: null })).toBe(false);
    for (const member of Object.keys(flow)) {
      expect(follows({ ...message, flows: [{ ...flow, [member]: null }] })).toBe(false);
      const { [member]: _, ...rest } = flow;
      expect(follows({ ...message, flows: [rest] })).toBe(false);
    }
  });

  test('leaves room for what a newer netfold says', () => {
    const message = readBack({ flows: [longest], omitted: 0 });
    expect(follows({ ...message, since: 1, flows: [{ ...longest, verdict: 'allowed' }] })).toBe(true);
  });

  test('has a bound that a broker takes', async () => {
    const bus = new LocalBus(() => {});
    const flows = Array.from({ length: MAX_FLOWS }, () => longest);
    await bus.publish(FLOWS, published({ flows, omitted: 2 ** 32 - 1 }));
    expect(encodeAgentMessage({ kind: 'flows', report: { flows, omitted: 0 } }).length).toBeLessThan(256 << 10);
    await bus.close();
  });
});
