import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { FilterFixture, PEER, peer, SELF } from '../testing/filter-fixture.js';
import { echo, tcp, udp } from '../testing/packet-builder.js';

const SYN_ACK = 0x12;
const ACK = 0x10;
const RST = 0x04;

let fixture: FilterFixture;
beforeEach(() => {
  fixture = new FilterFixture();
});

const take = (most = 1_000) => fixture.filter.takeFlows(most);
const portsTaken = (most?: number) => take(most).flows.map(({ localPort }) => localPort);

describe('the flows that are taken', () => {
  test('say who began what with whom, and when', () => {
    fixture.outbound(tcp(SELF, PEER, [5000, 443]), 10);
    fixture.inbound(tcp(PEER, SELF, [443, 5000], SYN_ACK), 12);
    fixture.inbound(udp('fd7a::2', 'fd7a::1', [4000, 22]), 20);
    fixture.outbound(echo(SELF, PEER, 'request', 9), 30);
    const begun = { peer: 'p', initiator: 'self', localAddress: SELF, remoteAddress: PEER } as const;
    expect(take()).toEqual({
      flows: [
        { ...begun, protocol: 1, localPort: 9, remotePort: 0, firstSeen: 30, lastSeen: 30 },
        {
          peer: 'p',
          protocol: 17,
          localAddress: 'fd7a::1',
          localPort: 22,
          remoteAddress: 'fd7a::2',
          remotePort: 4000,
          initiator: 'peer',
          firstSeen: 20,
          lastSeen: 20,
        },
        { ...begun, protocol: 6, localPort: 5000, remotePort: 443, firstSeen: 10, lastSeen: 12 },
      ],
      omitted: 0,
    });
  });

  test('are not those that were refused', () => {
    fixture.inbound(tcp(PEER, SELF, [4000, 23]));
    fixture.inbound(udp(PEER, SELF, [53, 5000]));
    expect(take()).toEqual({ flows: [], omitted: 0 });
  });

  test('are those with a packet since the last time, however often the rules changed', () => {
    fixture.inbound(tcp(PEER, SELF, [4000, 22]), 10);
    fixture.outbound(udp(SELF, PEER, [5000, 53]), 11);
    expect(portsTaken()).toEqual([5000, 22]);
    expect(portsTaken()).toEqual([]);
    fixture.filter.setPeer(peer({ labels: ['group:eng', 'group:ops'] }));
    fixture.inbound(tcp(PEER, SELF, [4000, 22], ACK), 12);
    expect(take()).toMatchObject({ flows: [{ localPort: 22, firstSeen: 10, lastSeen: 12 }], omitted: 0 });
  });

  test('are the newest; the others are counted, also those that were forgotten meanwhile', () => {
    for (const port of [1, 2, 3, 4]) fixture.outbound(udp(SELF, PEER, [port, 53]), port);
    fixture.inbound(udp(PEER, SELF, [4000, 22]), 3.5);
    expect(take(2)).toMatchObject({ flows: [{ localPort: 4 }, { localPort: 22 }], omitted: 3 });
    expect(take(2)).toEqual({ flows: [], omitted: 0 });
    fixture.outbound(tcp(SELF, PEER, [5000, 443]), 5);
    fixture.inbound(tcp(PEER, SELF, [443, 5000], RST), 5);
    fixture.inbound(tcp(PEER, SELF, [443, 5000], ACK), 10_005);
    expect(take()).toEqual({ flows: [], omitted: 1 });
    expect(take()).toEqual({ flows: [], omitted: 0 });
  });

  test('are taken or counted, each exactly once for every time that it had packets in between', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constantFrom('in', 'out'), port: fc.integer({ min: 1, max: 12 }) }),
      fc.record({ kind: fc.constant('take'), port: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ kind: fc.constant('rules'), port: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        fixture = new FilterFixture({ flows: 100 });
        const used = new Map<string, number>();
        for (const [now, { kind, port }] of [...steps, { kind: 'take', port: 6 }].entries()) {
          if (kind === 'in') fixture.inbound(udp(PEER, SELF, [port, 22]), now);
          if (kind === 'out') fixture.outbound(udp(SELF, PEER, [port, 53]), now);
          if (kind === 'in' || kind === 'out') used.set(`${kind} ${port}`, now);
          if (kind === 'rules') fixture.filter.setPeer(peer({ user: `user-${now}` }));
          if (kind !== 'take') continue;
          const newest = [...used].sort(([, a], [, b]) => b - a).map(([name]) => name);
          const { flows, omitted } = take(port);
          const names = flows.map(({ initiator, localPort, remotePort }) =>
            initiator === 'peer' ? `in ${remotePort}` : `out ${localPort}`,
          );
          expect(names).toEqual(newest.slice(0, port));
          expect(omitted).toBe(newest.length - names.length);
          used.clear();
        }
      }),
    );
  });
});
