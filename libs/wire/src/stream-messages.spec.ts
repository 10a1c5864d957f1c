import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeAgentMessage, encodeAgentMessage } from './agent-message.js';
import { encodeCheckpoint } from './checkpoint.js';
import { type FlowRecord, MAX_FLOWS } from './flow-report.js';
import { encodeFrame } from './frame.js';
import { StreamRequestSchema } from './gen/netfold/v1/agent_pb.js';
import { encodeItem } from './item.js';
import { type AgentMessage, MAX_LETTER_BYTES, type ServerMessage } from './messages.js';
import { encodePresenceUpdate } from './presence-update.js';
import { decodeServerMessage, encodeServerMessage } from './server-message.js';
import { flowReportArbitrary, itemArbitrary } from './testing.js';

const bytes = fc.uint8Array({ maxLength: 40 });
const text = fc.string({ maxLength: 20 });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const problem = fc.record(
  {
    code: fc.string({ minLength: 1 }),
    message: text,
    where: fc.string({ minLength: 1 }),
    hint: fc.string({ minLength: 1 }),
  },
  { requiredKeys: ['code', 'message'] },
);

const agentMessage: fc.Arbitrary<AgentMessage> = fc.oneof(
  fc.record({ kind: fc.constant('hello'), hello: fc.record({ claim: bytes, signature: bytes }) }),
  fc.record(
    { kind: fc.constant('ack'), revision: count, digest: bytes, problem },
    { requiredKeys: ['kind', 'revision', 'digest'] },
  ),
  fc.record({
    kind: fc.constant('presence'),
    report: fc.record(
      { endpoints: fc.array(text), os: text, clientVersion: text, takesLetters: fc.constant(true) },
      { requiredKeys: ['endpoints', 'os', 'clientVersion'] },
    ),
  }),
  fc.record({ kind: fc.constant('pong'), id: count }),
  fc.record({ kind: fc.constant('letter'), letter: fc.record({ nodeId: text, content: bytes }) }),
  fc.record({
    kind: fc.constant('flows'),
    report: flowReportArbitrary,
  }),
);

const servers = fc.array(text, { minLength: 1, maxLength: 3 });

const serverMessage: fc.Arbitrary<Exclude<ServerMessage, { kind: 'frame' | 'presence' }>> = fc.oneof(
  fc.record(
    { kind: fc.constant('challenge'), nonce: bytes, servers, takesFlows: fc.constant(true) },
    { requiredKeys: ['kind', 'nonce'] },
  ),
  fc.record({ kind: fc.constant('ping'), id: count, servers }, { requiredKeys: ['kind', 'id'] }),
  fc.record({ kind: fc.constant('letter'), letter: fc.record({ nodeId: text, content: bytes }) }),
  fc.record({ kind: fc.constant('key-rotation-due') }),
  fc.record(
    {
      kind: fc.constant('goodbye'),
      reason: fc.constantFrom('draining', 'removed', 'replaced', 'behind', 'unspecified'),
      retryAfter: fc.nat(),
      problem,
    },
    { requiredKeys: ['kind', 'reason', 'retryAfter'] },
  ),
);

const header = fc.record(
  {
    epoch: bytes,
    revision: count,
    baseRevision: count,
    digest: bytes,
    snapshot: fc.boolean(),
    removed: fc.array(text),
    cause: fc.record({ eventId: text, type: text, recordedAt: count }),
  },
  { requiredKeys: ['epoch', 'revision', 'baseRevision', 'digest', 'snapshot', 'removed'] },
);

const checkpoint = fc.record(
  { note: text, from: count, proof: fc.array(bytes, { maxLength: 5 }), key: fc.string({ minLength: 1 }) },
  { requiredKeys: ['note', 'from', 'proof'] },
);

describe('stream messages', () => {
  test('agent messages survive the wire', () => {
    fc.assert(fc.property(agentMessage, (sent) => expect(decodeAgentMessage(encodeAgentMessage(sent))).toEqual(sent)));
  });

  test('server messages survive the wire', () => {
    fc.assert(
      fc.property(serverMessage, (sent) => expect(decodeServerMessage(encodeServerMessage(sent))).toEqual(sent)),
    );
  });

  test('a letter that is too long is refused', () => {
    const letter = { nodeId: 'n', content: new Uint8Array(MAX_LETTER_BYTES + 1) };
    expect(() => decodeAgentMessage(encodeAgentMessage({ kind: 'letter', letter }))).toThrow(
      expect.objectContaining({ code: 'wire.malformed' }),
    );
  });

  describe('a report of flows', () => {
    const good: FlowRecord = {
      ...{ peer: 'node_1', protocol: 6, initiator: 'self', firstSeen: 1, lastSeen: 2 },
      ...{ localAddress: '100.64.0.1', localPort: 40_000, remoteAddress: '100.64.0.2', remotePort: 443 },
    };
    const sent = (...flows: readonly FlowRecord[]) =>
      decodeAgentMessage(encodeAgentMessage({ kind: 'flows', report: { flows, omitted: 0 } }));
    const many = (length: number) => Array.from({ length }, () => good);

    test('holds as many as are allowed, and addresses in their canonical form', () => {
      expect(sent(...many(MAX_FLOWS))).toMatchObject({ report: { flows: many(MAX_FLOWS) } });
      const long = { ...good, localAddress: 'FD7A:0:0:0::1', remoteAddress: 'fd7a::0002' };
      const short = { ...good, localAddress: 'fd7a::1', remoteAddress: 'fd7a::2' };
      expect(sent(long)).toMatchObject({ report: { flows: [short] } });
    });

    test.each<[string, readonly FlowRecord[]]>([
      ['with too many flows', many(MAX_FLOWS + 1)],
      ['of no peer', [{ ...good, peer: '' }]],
      ['of a peer with a long name', [{ ...good, peer: 'n'.repeat(65) }]],
      ['of a peer whose name is none', [{ ...good, peer: 'node 1' }]],
      ['from no address', [{ ...good, localAddress: '' }]],
      ['to a name', [{ ...good, remoteAddress: 'localhost' }]],
      ['to a zone', [{ ...good, localAddress: 'fe80::1', remoteAddress: 'fe80::2%eth0' }]],
      ['between families', [{ ...good, remoteAddress: 'fd7a::1' }]],
      ['to a port that there is not', [{ ...good, remotePort: 65_536 }]],
      ['from a port that there is not', [{ ...good, localPort: 65_536 }]],
      ['of a protocol that there is not', [{ ...good, protocol: 256 }]],
      ['that ended after the end of numbers', [{ ...good, lastSeen: 2 ** 53 }]],
    ])('%s is refused', (_, flows) => {
      expect(() => sent(...flows)).toThrow(expect.objectContaining({ code: 'wire.malformed' }));
    });

    test('begun by nobody that is known is refused', () => {
      for (const initiator of [0, 3]) {
        const flows = [{ ...good, initiator, firstSeen: 1n, lastSeen: 2n }];
        const message = create(StreamRequestSchema, { message: { case: 'flows', value: { flows } } });
        expect(() => decodeAgentMessage(toBinary(StreamRequestSchema, message))).toThrow(
          expect.objectContaining({ code: 'wire.malformed', message: expect.stringContaining('initiator') }),
        );
      }
    });
  });

  test('a presence update put together from encoded peers is an ordinary protobuf message', () => {
    const peer = fc.record(
      {
        nodeId: text,
        online: fc.boolean(),
        endpoints: fc.array(text),
        lastSeen: count,
        takesLetters: fc.constant(true),
      },
      { requiredKeys: ['nodeId', 'online', 'endpoints', 'lastSeen'] },
    );
    fc.assert(
      fc.property(fc.array(peer), (peers) => {
        expect(decodeServerMessage(encodePresenceUpdate(peers))).toEqual({ kind: 'presence', peers });
        expect(encodePresenceUpdate(peers)).toEqual(encodePresenceUpdate(structuredClone(peers)));
      }),
    );
  });

  test('a frame put together from encoded items is an ordinary protobuf message', () => {
    fc.assert(
      fc.property(header, fc.array(itemArbitrary, { maxLength: 20 }), (head, items) => {
        const decoded = decodeServerMessage(encodeFrame(head, items.map(encodeItem)));
        expect(decoded).toEqual({ kind: 'frame', frame: { ...head, items } });
      }),
    );
  });

  test('so is one with a checkpoint', () => {
    fc.assert(
      fc.property(header, fc.array(itemArbitrary, { maxLength: 3 }), checkpoint, (head, items, step) => {
        const decoded = decodeServerMessage(encodeFrame(head, items.map(encodeItem), encodeCheckpoint(step)));
        expect(decoded).toEqual({ kind: 'frame', frame: { ...head, items, checkpoint: step } });
      }),
    );
  });

  test('a frame that cannot be encoded does not spoil the next one', () => {
    const good = {
      epoch: new Uint8Array(4),
      revision: 1,
      baseRevision: 0,
      digest: new Uint8Array(4),
      snapshot: true,
      removed: [],
    };
    expect(() => encodeFrame({ ...good, revision: -1 }, [])).toThrow();
    expect(decodeServerMessage(encodeFrame(good, []))).toEqual({ kind: 'frame', frame: { ...good, items: [] } });
  });

  test.each([
    ['agent', decodeAgentMessage],
    ['server', decodeServerMessage],
  ] as const)('what is no %s message is refused with a code', (_, decode) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (noise) => {
        try {
          decode(noise);
        } catch (error) {
          expect(error).toMatchObject({ code: 'wire.malformed' });
        }
      }),
      { numRuns: 2_000 },
    );
    expect(() => decode(new Uint8Array())).toThrow(expect.objectContaining({ code: 'wire.malformed' }));
  });

  test('a message of an agent that was cut off or altered is read as another one, or refused with a code', () => {
    fc.assert(
      fc.property(agentMessage, fc.nat(), fc.nat(255), (message, at, byte) => {
        const sent = encodeAgentMessage(message);
        const altered = Uint8Array.from(sent);
        altered[at % sent.length] = byte;
        for (const broken of [altered, sent.subarray(0, at % sent.length)]) {
          try {
            decodeAgentMessage(broken);
          } catch (error) {
            expect(error).toMatchObject({ code: 'wire.malformed' });
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  test('a frame that was cut off or altered is read as another one, or refused with a code', () => {
    fc.assert(
      fc.property(header, fc.array(itemArbitrary, { maxLength: 5 }), fc.nat(), fc.nat(255), (head, items, at, byte) => {
        const frame = encodeFrame(head, items.map(encodeItem));
        const altered = Uint8Array.from(frame);
        altered[at % frame.length] = byte;
        for (const broken of [altered, frame.subarray(0, at % frame.length)]) {
          try {
            decodeServerMessage(broken);
          } catch (error) {
            expect(error).toMatchObject({ code: 'wire.malformed' });
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
