import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checksum, onesSum, pseudoHeaderSum } from '#net';
import { GSO, NEEDS_CSUM, VNET } from '../io/abi.js';
import { moveUdpSockets } from '../io/udp-sockets.js';
import { settle, WorkerNode } from '../testing/worker-node.js';

const nodes: WorkerNode[] = [];
afterEach(() => {
  for (const node of nodes.splice(0)) node.close();
});

function node(label: string, address: string): WorkerNode {
  const made = new WorkerNode(label, address);
  nodes.push(made);
  return made;
}

function pair(): [WorkerNode, WorkerNode] {
  const [a, b] = [node('a', '10.0.0.1'), node('b', '10.0.0.2')];
  a.knows(b);
  b.knows(a, { path: false });
  for (const one of [a, b]) one.allowAll();
  return [a, b];
}

const bytesOf = (address: string): Uint8Array => Uint8Array.from(address.split('.').map(Number));

/** An IPv4 packet whose checksums are right. */
function ipv4(from: string, to: string, protocol: number, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.length);
  const view = new DataView(packet.buffer);
  view.setUint16(0, 0x4500);
  view.setUint16(2, packet.length);
  view.setUint16(6, 0x4000);
  packet[8] = 64;
  packet[9] = protocol;
  packet.set(bytesOf(from), 12);
  packet.set(bytesOf(to), 16);
  view.setUint16(10, checksum(packet.subarray(0, 20)));
  packet.set(payload, 20);
  return packet;
}

function udp(from: string, to: string, ports: readonly [number, number], data: Uint8Array): Uint8Array {
  const payload = new Uint8Array(8 + data.length);
  const view = new DataView(payload.buffer);
  view.setUint16(0, ports[0]);
  view.setUint16(2, ports[1]);
  view.setUint16(4, payload.length);
  payload.set(data, 8);
  const sum = ~onesSum(payload, pseudoHeaderSum(bytesOf(from), bytesOf(to), 17, payload.length)) & 0xffff;
  view.setUint16(6, sum || 0xffff);
  return ipv4(from, to, 17, payload);
}

function echo(from: string, to: string, type: number, identifier: number): Uint8Array {
  const payload = new Uint8Array(16);
  payload[0] = type;
  new DataView(payload.buffer).setUint16(4, identifier);
  new DataView(payload.buffer).setUint16(2, checksum(payload));
  return ipv4(from, to, 1, payload);
}

const packetsAt = (to: WorkerNode): Uint8Array[] => to.hostReceives().map(({ packet }) => packet);

describe('two data paths', () => {
  test('carry packets of any size both ways, those too that came before there was a session', () => {
    const [a, b] = pair();
    const sizes = [0, 1, 15, 16, 17, 1000, 1392];
    for (const [from, to] of [
      [a, b],
      [b, a],
      [a, b],
    ] as const) {
      const sent = sizes.map((size, index) =>
        udp(from.address, to.address, [5000 + index, 6000], new Uint8Array(size).fill(index)),
      );
      for (const packet of sent) from.hostSends(packet);
      settle(a, b);
      expect(packetsAt(to)).toEqual(sent);
    }
  });

  test.each([true, false])('carry 60 KiB of TCP as one packet from host to host (with a session: %p)', (session) => {
    const [a, b] = pair();
    if (session) a.hostSends(echo(a.address, b.address, 8, 1));
    settle(a, b);
    b.hostReceives();
    const payload = new Uint8Array(20 + 60_000).map((_, index) => index * 7);
    payload.fill(0, 0, 20);
    const view = new DataView(payload.buffer);
    view.setUint16(0, 5000);
    view.setUint16(2, 443);
    payload[12] = 5 << 4;
    payload[13] = 0x10;
    view.setUint16(16, pseudoHeaderSum(bytesOf(a.address), bytesOf(b.address), 6, payload.length));
    const packet = ipv4(a.address, b.address, 6, payload);
    const header = new Uint8Array(VNET.size);
    const fields = new DataView(header.buffer);
    header[VNET.flags] = NEEDS_CSUM;
    header[VNET.gsoType] = GSO.tcp4;
    fields.setUint16(VNET.headerLength, 40, true);
    fields.setUint16(VNET.gsoSize, 1380, true);
    fields.setUint16(VNET.checksumStart, 20, true);
    fields.setUint16(VNET.checksumOffset, 16, true);
    a.hostSends(packet, header);
    settle(a, b);
    const bulk = { header, packet };
    if (session) expect(b.hostReceives()).toEqual([bulk]);
    else expect(Buffer.concat(packetsAt(b).map((part) => part.subarray(40)))).toEqual(Buffer.from(packet.subarray(40)));
    a.hostSends(packet, header); // now and again, however it came in before
    a.hostSends(packet, header);
    settle(a, b);
    expect(b.hostReceives()).toEqual([bulk, bulk]);
  });

  test('let in what a rule permits and answers, and nothing else', () => {
    const [a, b] = pair();
    b.calls.setRules([]);
    const ask = udp(a.address, b.address, [1, 2], new Uint8Array(9));
    const begin = udp(b.address, a.address, [2, 1], new Uint8Array(9));
    a.hostSends(ask);
    settle(a, b);
    expect(packetsAt(b)).toEqual([]);
    b.hostSends(begin);
    settle(a, b);
    expect(packetsAt(a)).toEqual([begin]);
    a.hostSends(ask);
    settle(a, b);
    expect(packetsAt(b)).toEqual([ask]);
  });

  test('let in answers to what went out after a rest too, ahead of all that was behind it', () => {
    const [a, b] = pair();
    a.hostSends(echo(a.address, b.address, 8, 1));
    settle(a, b);
    b.hostReceives();
    a.calls.setRules([]);
    for (const port of [7, 8]) a.hostSends(udp(a.address, b.address, [port, 53], new Uint8Array(9)));
    a.now += 20;
    const places: number[] = [];
    const { output } = a.worker;
    const flush = output.flush.bind(output);
    const empty = output.place;
    output.flush = () => {
      places.push(output.place - empty);
      flush();
    };
    settle(a, b);
    expect(places.filter((bytes) => bytes > 0)).toHaveLength(2); // one, and then the other
    expect(packetsAt(b)).toHaveLength(2);
    const answers = [7, 8].map((port) => udp(b.address, a.address, [53, port], new Uint8Array(9)));
    for (const answer of answers) b.hostSends(answer);
    b.hostSends(udp(b.address, a.address, [53, 9], new Uint8Array(9)));
    settle(a, b);
    expect(packetsAt(a)).toEqual(answers);
  });

  test('judge every packet of a burst that is not of one flow', () => {
    const [a, b] = pair();
    const ports = [{ first: 80, last: 80 }];
    b.calls.setRules([{ id: 'web', src: [{ kind: 'any' }], dst: { kind: 'self' }, protocols: [], ports }]);
    const sent = [80, 81, 80, 82].map((port, index) => udp(a.address, b.address, [9, port], new Uint8Array([index])));
    for (const packet of sent) a.hostSends(packet);
    settle(a, b);
    const carried = b.hostReceives().flatMap(({ packet }) => [...packet.subarray(28)]);
    expect(carried).toEqual([0, 2]);
  });

  test('do not take a packet whose source is not the sender', () => {
    const [a, b] = pair();
    a.hostSends(udp('10.0.0.9', b.address, [1, 2], new Uint8Array(3)));
    settle(a, b);
    expect(packetsAt(b)).toEqual([]);
    expect(b.calls.status().drops.source_not_allowed).toBe(1);
  });

  test('lose nothing while peers, keys and rules around them change', () => {
    const [a, b] = pair();
    const changes: (() => void)[] = [];
    const others = Array.from({ length: 10 }, (_, index) => node(`c${index}`, `10.0.1.${index}`));
    for (const other of others) {
      changes.push(() => b.knows(other));
      changes.push(() => b.calls.removeFilterPeer(other.label));
      changes.push(() => b.calls.removePeer(other.keys.publicKey));
      changes.push(() => b.allowAll());
    }
    changes.push(() => b.calls.rotatePrivateKey(node('d', '10.0.2.1').keys.privateKey, undefined));
    const sent: Uint8Array[] = [];
    const got: Uint8Array[] = [];
    for (const [index, change] of changes.entries()) {
      const packet = udp(a.address, b.address, [index, 7], new Uint8Array(100));
      sent.push(packet);
      a.hostSends(packet);
      a.turn();
      change();
      settle(a, b);
      got.push(...packetsAt(b));
    }
    expect(got).toEqual(sent);
  });

  test('tell who is there, keep the echoes that were asked for, and hand on what is not WireGuard', () => {
    const [a, b] = pair();
    a.calls.captureEchoReplies(0x1234);
    expect(a.calls.send(echo(a.address, b.address, 8, 0x1234))).toBe('b');
    expect(a.calls.send(echo(a.address, '10.9.9.9', 8, 0x1234))).toBeUndefined();
    settle(a, b);
    expect(packetsAt(b)).toEqual([echo(a.address, b.address, 8, 0x1234)]);
    for (const identifier of [0x1234, 0x1235]) b.hostSends(echo(b.address, a.address, 0, identifier));
    b.calls.transmit({ address: '127.0.0.1', port: a.sockets.port }, Uint8Array.of(0, 1, 2, 3, 4));
    settle(a, b);
    expect(packetsAt(a)).toEqual([]); // an answer that nobody asked for
    const kinds = a.notices.map((notice) => (notice.kind === 'event' ? notice.event.type : notice.kind));
    expect(kinds).toEqual(['initiation', 'handshake_completed', 'not-wireguard', 'echo-reply']);
    expect(a.notices.at(-2)).toMatchObject({ path: { key: `127.0.0.1:${b.sockets.port}` } });
    expect(JSON.stringify(a.notices)).not.toMatch(/sendKey|presharedKey|privateKey/);
  });

  test('say how they are configured, as what may leave a thread', () => {
    const [a, b] = pair();
    const { privateKey, peers } = structuredClone(a.calls.configuration());
    expect(privateKey).toEqual(a.keys.privateKey);
    expect(peers).toMatchObject([{ publicKey: b.keys.publicKey, label: 'b', path: { source: '127.0.0.1' } }]);
    expect(a.calls.publicKey()).toEqual(a.keys.publicKey);
    expect(a.calls.peerStatus(b.keys.publicKey)).toEqual(a.calls.status().peers[0]);
    expect(a.calls.peerStatus(a.keys.publicKey)).toBeUndefined();
  });

  test('tell which flows they carried, as what may leave a thread', () => {
    const [a, b] = pair();
    a.now = 1_000_500;
    for (let i = 0; i < 3; i++) a.hostSends(udp(a.address, b.address, [1, 2], new Uint8Array(i)));
    settle(a, b);
    b.hostReceives();
    const flow = { protocol: 17, localPort: 1, remotePort: 2, firstSeen: 1_000_500, lastSeen: 1_000_500 };
    const sent = { ...flow, peer: 'b', initiator: 'self', localAddress: a.address, remoteAddress: b.address };
    expect(structuredClone(a.calls.takeFlows(10))).toEqual({ flows: [sent], omitted: 0 });
    expect(b.calls.takeFlows(0)).toEqual({ flows: [], omitted: 1 });
    expect(b.calls.takeFlows(10)).toEqual({ flows: [], omitted: 0 });
  });

  test('go on at another port, with their sessions', () => {
    const [a, b] = pair();
    a.hostSends(udp(a.address, b.address, [1, 2], new Uint8Array(3)));
    settle(a, b);
    b.hostReceives();
    const moved = moveUdpSockets(a.sockets, 0, 0);
    expect(moved.port).not.toBe(a.sockets.port);
    const packet = udp(a.address, b.address, [1, 2], new Uint8Array(5));
    a.hostSends(packet);
    settle(a, b);
    expect(packetsAt(b)).toEqual([packet]);
    expect(b.calls.status().peers[0]?.path?.endpoint.port).toBe(moved.port);
  });

  test('go on whatever arrives', () => {
    const [a, b] = pair();
    a.hostSends(udp(a.address, b.address, [1, 2], new Uint8Array(3)));
    settle(a, b);
    b.hostReceives();
    const to = { address: '127.0.0.1', port: b.sockets.port };
    const datagram = fc
      .tuple(fc.constantFrom(0, 1, 2, 3, 4, 5), fc.uint8Array({ maxLength: 200 }))
      .map(([type, rest]) => Uint8Array.of(type, 0, 0, 0, ...rest));
    fc.assert(
      fc.property(datagram, (bytes) => {
        a.calls.transmit(to, bytes);
        a.worker.output.flush();
        b.turn();
      }),
      { numRuns: 500 },
    );
    expect(packetsAt(b)).toEqual([]);
    const packet = udp(a.address, b.address, [1, 2], new Uint8Array(5));
    a.hostSends(packet);
    settle(a, b);
    expect(packetsAt(b)).toEqual([packet]);
  });
});
