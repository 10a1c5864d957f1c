import { expect, test } from '@jest/globals';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { StoredEvent } from '#event-store';
import type { SentFrame } from '../../stream/sent-frame.js';
import { TracedDeliveries } from './traced-deliveries.js';
import { Traces } from './traces.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const COMMAND = '00f067aa0ba902b7';

const event = (revision: number, flags = '01') =>
  ({ revision, correlation: `00-${TRACE}-${COMMAND}-${flags}` }) as StoredEvent;
const frame = (revision: number, base: number | undefined): SentFrame =>
  ({ revision, base, bytes: 10, diff: { removed: [], upserted: [] } }) as SentFrame;

function setup() {
  const exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  const deliveries = new TracedDeliveries(new Traces(provider.getTracer('test')));
  const spans = () => exporter.getFinishedSpans();
  const named = (name: string) => spans().filter((span) => span.name === name);
  return { deliveries, spans, named };
}

const [a, b] = [{}, {}];

test('a frame that brings an event belongs to its delivery, which belongs to its command', () => {
  const { deliveries, named } = setup();
  deliveries.began('t', event(7), 2);
  deliveries.sent('t', a, 'node_a', frame(7, 6));
  deliveries.sent('t', b, 'node_b', frame(9, undefined));
  deliveries.applied('t', a, 7);
  deliveries.applied('t', b, 9);
  deliveries.finished('t', event(7));
  const [delivery] = named('deliver');
  expect(delivery?.parentSpanContext).toMatchObject({ traceId: TRACE, spanId: COMMAND });
  expect(named('frame').map(({ attributes }) => attributes['netfold.node'])).toEqual(['node_a', 'node_b']);
  for (const span of named('frame')) expect(span.parentSpanContext?.spanId).toBe(delivery?.spanContext().spanId);
});

test('frames that bring other events do not', () => {
  const { deliveries, named } = setup();
  deliveries.began('t', event(7), 1);
  deliveries.sent('t', a, 'node_a', frame(6, 5));
  deliveries.sent('t', a, 'node_a', frame(9, 7));
  deliveries.sent('u', a, 'node_a', frame(7, 6));
  deliveries.applied('t', a, 9);
  deliveries.finished('t', event(7));
  expect(named('frame')).toEqual([]);
  expect(named('deliver')).toHaveLength(1);
});

test('there are frames of so many agents, and no more', () => {
  const { deliveries, named } = setup();
  const streams = Array.from({ length: 40 }, () => ({}));
  deliveries.began('t', event(1), streams.length);
  for (const [i, stream] of streams.entries()) deliveries.sent('t', stream, `node_${i}`, frame(1, 0));
  for (const stream of streams) deliveries.applied('t', stream, 1);
  deliveries.finished('t', event(1));
  expect(named('frame')).toHaveLength(16);
});

test('a delivery that is given up says so, and ends with its frames', () => {
  const { deliveries, spans, named } = setup();
  deliveries.began('t', event(1), 2);
  deliveries.began('t', event(2), 2);
  deliveries.sent('t', a, 'node_a', frame(1, 0));
  deliveries.abandoned('t', event(1), 2);
  expect(named('deliver')[0]).toMatchObject({ status: { code: 2 }, attributes: { 'netfold.missing': 2 } });
  expect(spans()).toHaveLength(2);
});

test('what belongs to no trace, or to one that is not kept, has no spans', () => {
  const { deliveries, spans } = setup();
  deliveries.began('t', { revision: 1 } as StoredEvent, 1);
  deliveries.began('t', event(2, '00'), 1);
  deliveries.sent('t', a, 'node_a', frame(2, 0));
  deliveries.finished('t', event(2));
  expect(spans()).toEqual([]);
});
