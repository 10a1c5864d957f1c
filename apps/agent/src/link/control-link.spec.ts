import { describe, expect, it } from '@jest/globals';
import { NetfoldError, type Problem } from '#kernel';
import {
  type AgentCall,
  type AgentMessage,
  decodeHelloClaim,
  type Frame,
  type PeerPresence,
  type Resume,
  type ServerMessage,
} from '#wire';
import { Backoff } from './backoff.js';
import { ControlLink } from './control-link.js';

/** A stream whose other end is the test. */
class FakeCall implements AgentCall {
  readonly sent: AgentMessage[] = [];
  closed = false;
  #queue: (ServerMessage | Error | 'end')[] = [];
  #wake: () => void = () => {};
  readonly messages = this.#read();

  server(...messages: (ServerMessage | Error | 'end')[]): void {
    this.#queue.push(...messages);
    this.#wake();
  }

  send(message: AgentMessage): void {
    this.sent.push(message);
  }

  async flushed(): Promise<void> {}

  close(): void {
    this.closed = true;
    this.server('end');
  }

  async *#read(): AsyncGenerator<ServerMessage> {
    for (;;) {
      const next = this.#queue.shift();
      if (next === 'end') return;
      if (next instanceof Error) throw next;
      if (next) yield next;
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}

const lost = new NetfoldError({ code: 'control.unreachable', message: 'connection lost' });
const challenge: ServerMessage = { kind: 'challenge', nonce: Uint8Array.of(1) };
const presence: ServerMessage = { kind: 'presence', peers: [] };
const frame = (revision: number): ServerMessage => ({ kind: 'frame', frame: { revision } as Frame });
const goodbye = (reason: 'draining' | 'removed', retryAfter = 0): ServerMessage => ({
  kind: 'goodbye',
  reason,
  retryAfter,
});

function harness() {
  const calls: FakeCall[] = [];
  const waiters: (() => void)[] = [];
  const state = {
    pauses: [] as number[],
    problems: [] as (Problem | undefined)[],
    connects: 0,
    streams: 0,
    server: 0,
    /** For each stream, how often another server had been turned to by then. */
    opened: [] as number[],
    told: [] as (readonly string[])[],
    peers: [] as (readonly PeerPresence[])[],
    held: undefined as Resume | undefined,
    apply: async (frame: Frame) => ({ revision: frame.revision, digest: Uint8Array.of(frame.revision) }),
  };
  const link = new ControlLink(
    {
      stream: () => {
        const call = new FakeCall();
        calls.push(call);
        state.opened.push(state.server);
        for (const resolve of waiters.splice(0)) resolve();
        return call;
      },
      answered: () => {},
      learn: (urls) => void state.told.push(urls),
      next: () => void state.server++,
    },
    { nodeId: 'n1', clientVersion: '1', os: 'linux', sign: (bytes) => bytes, nextStreamNumber: () => ++state.streams },
    {
      resume: () => state.held,
      ledger: () => undefined,
      presence: () => ({ endpoints: ['127.0.0.1:1'], os: 'linux', clientVersion: '1' }),
      frame: (frame) => state.apply(frame),
      peers: (peers) => void state.peers.push(peers),
      connected: () => void state.connects++,
      disconnected: (problem) => void state.problems.push(problem),
    },
    new Backoff(
      { bytes: (length) => Uint8Array.from({ length }, (_, i) => (i === 0 ? 0x80 : 0)) },
      { base: 100, cap: 10_000 },
    ),
    async (milliseconds) => void state.pauses.push(milliseconds),
  );
  const call = async (index: number): Promise<FakeCall> => {
    while (!calls[index]) await new Promise<void>((resolve) => waiters.push(resolve));
    return calls[index];
  };
  return { link, call, state, done: link.run() };
}

/** Waits until the stream has sent so many messages. */
async function sent(call: FakeCall, count: number): Promise<AgentMessage[]> {
  while (call.sent.length < count) await new Promise(setImmediate);
  return call.sent;
}

const helloOf = (messages: AgentMessage[]) => {
  const [first] = messages;
  if (first?.kind !== 'hello') throw new Error(`${first?.kind} came first`);
  return decodeHelloClaim(first.hello.claim);
};

describe('ControlLink', () => {
  it('answers the challenge, reports presence, acknowledges frames and answers pings', async () => {
    const { link, call, state, done } = harness();
    const stream = await call(0);
    stream.server(challenge, presence, frame(5), { kind: 'ping', id: 7 });
    const messages = await sent(stream, 4);
    expect(helloOf(messages)).toMatchObject({ nodeId: 'n1', nonce: Uint8Array.of(1) });
    expect(messages.slice(1)).toEqual(
      expect.arrayContaining([
        { kind: 'presence', report: { endpoints: ['127.0.0.1:1'], os: 'linux', clientVersion: '1' } },
        { kind: 'ack', revision: 5, digest: Uint8Array.of(5) },
        { kind: 'pong', id: 7 },
      ]),
    );
    expect(state.connects).toBe(1);
    link.close();
    await done;
    expect(state.problems).toEqual([undefined]);
  });

  it('tells of flows a server that asks for them, once it has let this node in, and no other', async () => {
    const { link, call, done } = harness();
    const report = { flows: [], omitted: 3 };
    link.reportFlows(report);
    const first = await call(0);
    first.server({ ...challenge, takesFlows: true });
    await sent(first, 1);
    expect(link.takesFlows).toBe(false);
    first.server(presence);
    await sent(first, 2);
    expect(link.takesFlows).toBe(true);
    link.reportFlows(report);
    first.server(lost);
    const second = await call(1);
    second.server(challenge, presence);
    await sent(second, 2);
    expect(link.takesFlows).toBe(false);
    link.reportFlows(report);
    const kinds = [first, second].map((stream) => stream.sent.map(({ kind }) => kind));
    expect(kinds).toEqual([
      ['hello', 'presence', 'flows'],
      ['hello', 'presence'],
    ]);
    link.close();
    await done;
  });

  it('resumes from what it holds, after a pause that grows until a stream is taken', async () => {
    const { link, call, state, done } = harness();
    for (let i = 0; i < 4; i++) (await call(i)).server(lost);
    const fifth = await call(4);
    expect(state.pauses).toEqual([50, 100, 200, 400]);
    fifth.server(challenge, presence);
    expect(helloOf(await sent(fifth, 2)).resume).toBeUndefined();
    state.held = { epoch: Uint8Array.of(1), revision: 9, digest: Uint8Array.of(9) };
    fifth.server(lost);
    const sixth = await call(5);
    expect(state.pauses.at(-1)).toBe(50);
    sixth.server(challenge);
    expect(helloOf(await sent(sixth, 1)).resume).toEqual(state.held);
    link.close();
    await done;
  });

  it('does not hurry back to a server whose messages it cannot read', async () => {
    const { link, call, state, done } = harness();
    for (let i = 0; i < 3; i++) {
      (await call(i)).server(challenge, presence, new NetfoldError({ code: 'wire.malformed', message: 'junk' }));
    }
    await call(3);
    expect(state.pauses).toEqual([50, 100, 200]);
    expect(state.problems.map((problem) => problem?.code)).toEqual(Array(3).fill('wire.malformed'));
    link.close();
    await done;
  });

  it('says why a frame was not applied, and goes on', async () => {
    const { link, call, state, done } = harness();
    const problem = { code: 'agent.netmap_digest', message: 'no' };
    state.apply = async (frame) =>
      frame.revision === 5
        ? { revision: 5, digest: Uint8Array.of(4), problem }
        : { revision: frame.revision, digest: Uint8Array.of(6) };
    const stream = await call(0);
    stream.server(challenge, frame(5), frame(6));
    expect((await sent(stream, 4)).filter(({ kind }) => kind === 'ack')).toEqual([
      { kind: 'ack', revision: 5, digest: Uint8Array.of(4), problem },
      { kind: 'ack', revision: 6, digest: Uint8Array.of(6) },
    ]);
    link.close();
    await done;
  });

  it('applies a frame at once, though the one before is not acknowledged yet', async () => {
    const { link, call, state, done } = harness();
    const applied: number[] = [];
    let saved: () => void = () => {};
    const disk = new Promise<void>((resolve) => {
      saved = resolve;
    });
    state.apply = async ({ revision }) => {
      applied.push(revision);
      await disk;
      return { revision, digest: Uint8Array.of(revision) };
    };
    const stream = await call(0);
    stream.server(challenge, frame(5), frame(6), { kind: 'ping', id: 1 });
    expect((await sent(stream, 3)).map(({ kind }) => kind)).toEqual(['hello', 'presence', 'pong']);
    expect(applied).toEqual([5, 6]);
    saved();
    expect((await sent(stream, 5)).slice(3)).toMatchObject([{ revision: 5 }, { revision: 6 }]);
    link.close();
    await done;
  });

  it('comes back to a server that drains when it was asked to, and never after a removal', async () => {
    const { call, state, done } = harness();
    (await call(0)).server(challenge, presence, goodbye('draining', 2000));
    const second = await call(1);
    expect(state.pauses).toEqual([2050]);
    expect(state.problems).toEqual([undefined]);
    second.server(challenge, goodbye('removed'));
    await done;
    expect(state.problems[1]?.code).toBe('agent.removed');
  });

  it('ends the stream when applying fails in a way that nobody foresaw', async () => {
    const { link, call, state, done } = harness();
    state.apply = async () => {
      throw new TypeError('bug');
    };
    const stream = await call(0);
    stream.server(challenge, frame(5));
    await call(1);
    expect(stream.closed).toBe(true);
    expect(state.problems).toEqual([{ code: 'internal', message: 'bug' }]);
    link.close();
    await done;
  });
});

describe('ControlLink with several servers', () => {
  it('turns to another one when a stream breaks, when its server drains, and when it is behind', async () => {
    const { link, call, state, done } = harness();
    (await call(0)).server(challenge, lost);
    (await call(1)).server(challenge, presence, goodbye('draining', 7));
    (await call(2)).server(challenge, { kind: 'goodbye', reason: 'behind', retryAfter: 0 });
    (await call(3)).server(challenge, { kind: 'goodbye', reason: 'replaced', retryAfter: 0 });
    await call(4);
    link.close();
    await done;
    expect(state.opened).toEqual([0, 1, 2, 3, 3]);
  });

  it('learns from challenges and pings where else to connect, and numbers its streams', async () => {
    const { link, call, state, done } = harness();
    const first = await call(0);
    first.server(
      { ...challenge, servers: ['https://a', 'https://b'] },
      { kind: 'ping', id: 1, servers: ['https://c'] },
    );
    expect(helloOf(await sent(first, 2)).streamNumber).toBe(1);
    first.server(lost);
    const second = await call(1);
    second.server(challenge);
    expect(helloOf(await sent(second, 1)).streamNumber).toBe(2);
    link.close();
    await done;
    expect(state.told).toEqual([['https://a', 'https://b'], ['https://c']]);
  });
});
