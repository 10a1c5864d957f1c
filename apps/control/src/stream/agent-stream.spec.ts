import { describe, expect, test } from '@jest/globals';
import {
  applyDiff,
  diffNetmaps,
  digestOf,
  emptyNetwork,
  keyOf,
  type Netmap,
  type Network,
  type PeerItem,
} from '#netmap';
import { decodeServerMessage, encodeItem, type Frame, type PeerPresence, type ServerMessage } from '#wire';
import { AgentStream } from './agent-stream.js';
import type { NetmapSource } from './netmap-source.js';
import { PresenceOutbox } from './presence-outbox.js';
import type { SentFrame } from './sent-frame.js';
import { newStreamCounters } from './stream-counters.js';

const NODE = 'node_me';
const EPOCH = new Uint8Array(32).fill(1);

const peers = new Map<string, PeerItem>();

/** The same object for the same peer, as netmaps have it. */
function peer(n: number, name = `p${n}`): PeerItem {
  const known = peers.get(`${n} ${name}`) ?? newPeer(n, name);
  peers.set(`${n} ${name}`, known);
  return known;
}

const newPeer = (n: number, name: string): PeerItem => ({
  kind: 'peer',
  id: `node_${n}`,
  name,
  dnsName: `${name}.home`,
  ipv4: `100.64.0.${n}`,
  ipv6: `fd00::${n}`,
  user: undefined,
  tags: [],
  nodeKey: '',
  os: 'linux',
  labels: [],
});

/** A history of netmaps of one node, whatever they came from; networks stand for revisions only. */
class FakeSource implements NetmapSource {
  readonly epoch = EPOCH;
  readonly cause = undefined;
  readonly #history = new Map<Network, Netmap>();
  latest: Network = emptyNetwork;
  oldest: Network = emptyNetwork;
  /** How many diffs were computed. */
  diffs = 0;

  push(items: readonly PeerItem[], removed = false): Network {
    const before = this.latest;
    const nodes = removed ? emptyNetwork.nodes : emptyNetwork.nodes.set(NODE, {} as never);
    this.latest = { ...emptyNetwork, revision: before.revision + 1, nodes };
    this.#history.set(this.latest, new Map(items.map((item) => [keyOf(item), item])));
    if (this.oldest === emptyNetwork) this.oldest = this.latest;
    return before;
  }

  /** The newest network becomes the oldest that is known. */
  forgetOlder(): void {
    for (const network of this.#history.keys()) if (network !== this.latest) this.#history.delete(network);
    this.oldest = this.latest;
  }

  at = (revision: number) => [...this.#history.keys()].find((network) => network.revision === revision);
  view = (network: Network): Netmap => this.#history.get(network) ?? new Map();
  peers = (network: Network) => [...this.view(network).values()].map(({ id }) => id);
  diff(from: Network) {
    this.diffs += 1;
    return diffNetmaps(this.view(from), this.view(this.latest));
  }

  digest = (network: Network = this.latest): Uint8Array => digestOf(this.view(network), encodeItem);
}

/** A transport that takes one message at a time, when the test lets it. */
class FakeSink {
  readonly messages: ServerMessage[] = [];
  blocked = false;
  ended = false;
  #taken: (() => void) | undefined;

  /** How many messages were handed over and not taken yet. */
  get pending(): number {
    return this.#taken ? 1 : 0;
  }

  send(bytes: Uint8Array, sent: () => void): void {
    expect(this.#taken).toBeUndefined();
    this.messages.push(decodeServerMessage(bytes));
    if (this.blocked) this.#taken = sent;
    else sent();
  }

  unblock(): void {
    this.blocked = false;
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  end(): void {
    this.ended = true;
  }

  get frames(): Frame[] {
    return this.messages.flatMap((message) => (message.kind === 'frame' ? [message.frame] : []));
  }

  get presence(): PeerPresence[] {
    return this.messages.flatMap((message) => (message.kind === 'presence' ? message.peers : []));
  }
}

function setup() {
  const source = new FakeSource();
  const sink = new FakeSink();
  const directory = new Map<string, PeerPresence>();
  const counters = newStreamCounters();
  const applied: number[] = [];
  const resumed: number[] = [];
  const sent: [base: number | undefined, revision: number][] = [];
  const alarms: string[] = [];
  const events = {
    ready: (stream: AgentStream) => stream.flush(),
    resumed: (_: AgentStream, revision: number) => resumed.push(revision),
    sent: (_: AgentStream, { revision, base }: SentFrame) => sent.push([base, revision]),
    applied: (_: AgentStream, revision: number) => applied.push(revision),
    alarm: (_: AgentStream, what: string) => alarms.push(what),
  };
  const stream = new AgentStream(NODE, source, sink, new PresenceOutbox(directory), events, counters);
  const ack = (frame = sink.frames.at(-1), digest = frame?.digest ?? new Uint8Array()) =>
    stream.acknowledge({ kind: 'ack', revision: frame?.revision ?? -1, digest });
  const change = (...items: PeerItem[]) => stream.touch(source.push(items));
  return { source, sink, directory, counters, applied, resumed, sent, alarms, stream, ack, change };
}

describe('a stream', () => {
  test('begins with a snapshot, goes on with differences, and each says what results', () => {
    const { source, sink, stream, ack, change, sent } = setup();
    source.push([peer(1)]);
    stream.open(undefined);
    ack();
    change(peer(1), peer(2));
    ack();
    change(peer(2));
    expect(sent).toEqual([
      [undefined, 0],
      [0, 1],
      [1, 2],
    ]);
    expect(sink.frames).toMatchObject([
      { snapshot: true, revision: 0, items: [peer(1)] },
      { snapshot: false, baseRevision: 0, revision: 1, items: [peer(2)], removed: [] },
      { snapshot: false, baseRevision: 1, revision: 2, items: [], removed: ['peer/node_1'] },
    ]);
    expect(sink.frames.at(-1)?.digest).toEqual(source.digest());
  });

  test('that is blocked hands nothing more to the transport, and then sends one difference to the newest', () => {
    const { source, sink, stream, ack, change } = setup();
    source.push([peer(1)]);
    stream.open(undefined);
    ack();
    sink.blocked = true;
    change(peer(1), peer(2));
    for (let n = 3; n < 200; n++) change(peer(1), peer(n));
    expect(sink.frames).toHaveLength(2);
    expect(sink.pending).toBe(1);
    const before = source.diffs;
    sink.unblock();
    expect(source.diffs - before).toBe(1);
    expect(sink.frames).toHaveLength(3);
    expect(sink.frames.at(-1)).toMatchObject({ baseRevision: 1, revision: source.latest.revision, items: [peer(199)] });
    expect(sink.frames.at(-1)?.digest).toEqual(source.digest());
  });

  test('waits for an agent that acknowledges nothing, and catches up when it does', () => {
    const { source, sink, stream, ack, change } = setup();
    source.push([]);
    stream.open(undefined);
    for (let n = 1; n <= 50; n++) change(peer(n));
    expect(sink.frames).toHaveLength(8);
    expect(stream.behind).toBe(true);
    ack(sink.frames[3]);
    expect(sink.frames).toHaveLength(9);
    expect(sink.frames.at(-1)).toMatchObject({ revision: source.latest.revision, items: [peer(50)] });
  });

  test('says nothing when the netmap turns out to be the same, and counts that as applied', () => {
    const { source, sink, stream, ack, change, applied } = setup();
    const items = [peer(1)];
    source.push(items);
    stream.open(undefined);
    ack();
    change(...items);
    expect(sink.frames).toHaveLength(1);
    expect(applied).toEqual([0, 1]);
    expect(stream.appliedRevision).toBe(1);
  });

  test('a frame under way covers the revisions that did not concern the agent', () => {
    const { source, stream, ack, change, applied } = setup();
    const items = [peer(1)];
    source.push(items);
    stream.open(undefined);
    change(...items);
    ack();
    expect(applied).toEqual([1]);
  });

  describe('resumes', () => {
    const resumeOf = (source: FakeSource, network: Network) => ({
      epoch: EPOCH,
      revision: network.revision,
      digest: source.digest(network),
    });

    test('with what changed since', () => {
      const { source, sink, stream, counters } = setup();
      source.push([peer(1)]);
      const held = source.latest;
      source.push([peer(1), peer(2)]);
      stream.open(resumeOf(source, held));
      expect(sink.frames).toMatchObject([{ snapshot: false, baseRevision: 0, revision: 1, items: [peer(2)] }]);
      expect(counters).toMatchObject({ resumed: 1, snapshots: 0, resumesRefused: 0 });
    });

    test('with an empty frame when nothing changed, so that the agent knows', () => {
      const { source, sink, stream } = setup();
      source.push([peer(1)]);
      stream.open(resumeOf(source, source.latest));
      expect(sink.frames).toMatchObject([{ snapshot: false, items: [], removed: [] }]);
    });

    test('from a revision that is forgotten, when its netmap had not changed until the oldest that is known', () => {
      const { source, sink, stream } = setup();
      const items = [peer(1)];
      source.push(items);
      const held = resumeOf(source, source.latest);
      source.push(items);
      source.forgetOlder();
      source.push([...items, peer(2)]);
      stream.open(held);
      expect(sink.frames).toMatchObject([{ snapshot: false, baseRevision: 0, revision: 2, items: [peer(2)] }]);
    });

    test('with a snapshot from a revision that is forgotten', () => {
      const { source, sink, stream, alarms } = setup();
      source.push([peer(1)]);
      const held = resumeOf(source, source.latest);
      source.push([peer(2)]);
      source.forgetOlder();
      stream.open(held);
      expect(sink.frames).toMatchObject([{ snapshot: true }]);
      expect(alarms).toEqual([]);
    });

    test.each([
      ['another history', { epoch: new Uint8Array(32) }, 0],
      ['a digest that is not the one of that revision', { digest: new Uint8Array(32) }, 1],
    ])('not from %s', (_, change, alarmed) => {
      const { source, sink, stream, counters, alarms } = setup();
      source.push([peer(1)]);
      stream.open({ ...resumeOf(source, source.latest), ...change });
      expect(sink.frames).toMatchObject([{ snapshot: true }]);
      expect(counters.resumesRefused).toBe(alarmed);
      expect(alarms).toHaveLength(alarmed);
    });
  });

  test('sends a snapshot to an agent that got another result, and gives up when that does not help', () => {
    const { source, sink, stream, ack, change, counters, alarms } = setup();
    source.push([peer(1)]);
    stream.open(undefined);
    ack();
    change(peer(1), peer(2));
    ack(sink.frames.at(-1), new Uint8Array(32));
    expect(sink.frames.at(-1)).toMatchObject({ snapshot: true, items: [peer(1), peer(2)] });
    ack(sink.frames.at(-1), new Uint8Array(32));
    ack(sink.frames.at(-1), new Uint8Array(32));
    expect(counters.netmapsRefused).toBe(3);
    expect(alarms).toHaveLength(3);
    expect(sink.messages.at(-1)).toMatchObject({ kind: 'goodbye', problem: { code: 'netmap.refused' } });
    expect(sink.ended).toBe(true);
  });

  test('goes on with an agent that has its netmap and cannot put all of it in force', () => {
    const { source, stream, sink, ack, change, counters, alarms } = setup();
    source.push([peer(1)]);
    stream.open(undefined);
    ack();
    for (let i = 2; i < 8; i++) {
      change(peer(i));
      const { revision, digest } = sink.frames.at(-1) as Frame;
      stream.acknowledge({ kind: 'ack', revision, digest, problem: { code: 'wireguard.own_key', message: 'no' } });
    }
    expect(sink.frames.slice(1).map(({ snapshot }) => snapshot)).not.toContain(true);
    expect(sink.ended).toBe(false);
    expect(counters.netmapsRefused).toBe(6);
    expect(alarms).toHaveLength(6);
    const before = stream.appliedRevision;
    change(peer(9));
    expect(stream.appliedRevision).toBe(before);
    ack();
    expect(stream.appliedRevision).toBe(source.latest.revision);
  });

  test('sends the empty netmap and says goodbye when the node is removed', () => {
    const { source, sink, stream, ack } = setup();
    source.push([peer(1)]);
    stream.open(undefined);
    ack();
    stream.touch(source.push([], true));
    expect(sink.frames.at(-1)).toMatchObject({ removed: ['peer/node_1'] });
    expect(sink.messages.at(-1)).toMatchObject({ kind: 'goodbye', reason: 'removed' });
    expect(sink.ended).toBe(true);
  });

  describe('presence', () => {
    const seen = (n: number, lastSeen: number): PeerPresence => ({
      nodeId: `node_${n}`,
      online: true,
      endpoints: [],
      lastSeen,
    });

    test('of all visible peers follows the first frame, and of new peers theirs', () => {
      const { source, sink, directory, stream, ack, change } = setup();
      for (const n of [1, 2, 3]) directory.set(seen(n, n).nodeId, seen(n, n));
      source.push([peer(1)]);
      stream.open(undefined);
      ack();
      expect(sink.messages.map(({ kind }) => kind)).toEqual(['frame', 'presence']);
      expect(sink.presence).toEqual([seen(1, 1)]);
      change(peer(1), peer(2));
      expect(sink.presence).toEqual([seen(1, 1), seen(2, 2)]);
    });

    test('is told once and newest to an agent that was blocked, and not of whom it no longer sees', () => {
      const { source, sink, directory, stream, ack, change } = setup();
      source.push([peer(1), peer(2)]);
      stream.open(undefined);
      ack();
      sink.blocked = true;
      change(peer(1), peer(2, 'renamed'));
      for (let time = 1; time <= 100; time++) {
        for (const n of [1, 2]) {
          directory.set(seen(n, time).nodeId, seen(n, time));
          stream.touchPresence(`node_${n}`);
        }
      }
      change(peer(1));
      sink.unblock();
      expect(sink.presence).toEqual([seen(1, 100)]);
    });
  });

  test('a random walk of changes, blocks and acknowledgements ends where a fresh stream begins', () => {
    let state = 7;
    const random = (n: number) => {
      state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
      return (state >> 8) % n;
    };
    const { source, sink, stream, ack, change } = setup();
    source.push([]);
    stream.open(undefined);
    const acked = new Set<number>();
    for (let step = 0; step < 2_000; step++) {
      if (random(3) > 0) change(...Array.from({ length: random(6) }, (_, n) => peer(n + 1, `p${n}-${random(2)}`)));
      if (random(4) === 0) sink.blocked = true;
      if (random(4) === 0) sink.unblock();
      const next = sink.frames.find(({ revision }) => !acked.has(revision));
      if (next && random(3) === 0) {
        acked.add(next.revision);
        ack(next);
      }
    }
    sink.unblock();
    for (const frame of sink.frames) ack(frame);
    let netmap: Netmap = new Map();
    for (const frame of sink.frames) {
      const after = new Map(netmap);
      for (const key of frame.removed) after.delete(key);
      for (const item of frame.items) after.set(keyOf(item), item);
      netmap = applyDiff(netmap, diffNetmaps(netmap, after));
      expect(digestOf(netmap, encodeItem)).toEqual(frame.digest);
    }
    expect(netmap).toEqual(source.view(source.latest));
    expect(sink.frames.length).toBeGreaterThan(100);
  });
});

test('letters follow the first frame, and those that are too many for a slow agent are lost', () => {
  const { source, sink, stream, ack } = setup();
  const letter = (n: number) => ({ nodeId: 'node_1', content: Uint8Array.of(n) });
  source.push([peer(1)]);
  stream.deliver(letter(1));
  stream.open(undefined);
  ack();
  expect(sink.messages.map(({ kind }) => kind)).toEqual(['frame', 'letter']);
  sink.blocked = true;
  for (let i = 0; i < 400; i++) stream.deliver(letter(2));
  sink.unblock();
  expect(sink.messages.filter(({ kind }) => kind === 'letter')).toHaveLength(1 + 257);
});
