import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decodeAgentMessage, encodeAgentMessage } from './agent-message.js';
import { encodeCheckpoint } from './checkpoint.js';
import { encodeFrame } from './frame.js';
import { encodeItem } from './item.js';
import { type AgentMessage, MAX_LETTER_BYTES, type ServerMessage } from './messages.js';
import { encodePresenceUpdate } from './presence-update.js';
import { decodeServerMessage, encodeServerMessage } from './server-message.js';
import { itemArbitrary } from './testing.js';

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
);

const servers = fc.array(text, { minLength: 1, maxLength: 3 });

const serverMessage: fc.Arbitrary<Exclude<ServerMessage, { kind: 'frame' | 'presence' }>> = fc.oneof(
  fc.record({ kind: fc.constant('challenge'), nonce: bytes, servers }, { requiredKeys: ['kind', 'nonce'] }),
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
