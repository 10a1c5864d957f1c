import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { NetfoldError } from '#kernel';
import type { ServerAnswer } from '../control-address.js';
import type { ControlReport, NetcheckReport } from '../local-api/netcheck-report.js';
import type { PeerStatus } from '../local-api/status.js';
import { measureControl } from './measure-control.js';
import { udpOf } from './netcheck.js';
import { netcheckProblems } from './netcheck-problems.js';
import { wayOut } from './way-out.js';

const NOW = Date.UTC(2026, 10, 1, 10);

/** A server that answers after 10 ms, and whose clock is ahead of here. */
function probe(ahead: number, agentUrl: string) {
  let here = NOW;
  return {
    ask: async (): Promise<ServerAnswer> => {
      here += 5;
      const date = new Date(here + ahead).toUTCString();
      here += 5;
      return { agentUrl, version: '0.1.0', date };
    },
    wallClock: () => here,
    monotonic: () => here - NOW,
  };
}

describe('measureControl', () => {
  it('says how far away the server is, and where agents connect', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const measured = await measureControl(probe(0, `http://127.0.0.1:${port}`), 'http://127.0.0.1:1');
    expect(measured).toMatchObject({ Reachable: true, Version: '0.1.0', FirstAnswer: 10, Latency: 10 });
    expect(measured).toMatchObject({ AgentsURL: `http://127.0.0.1:${port}`, AgentsConnect: expect.any(Number) });
    server.close();
    await once(server, 'close');
    const { AgentsProblem } = await measureControl(probe(0, `http://127.0.0.1:${port}`), 'http://127.0.0.1:1');
    expect(AgentsProblem).toContain('ECONNREFUSED');
  });

  it.each([0, 1, 499, 999, 75_000, -75_000, 3_600_500])('is right about a clock that is %d ms ahead', async (ahead) => {
    const { ClockOffset = Number.NaN, ClockError = 0 } = await measureControl(
      probe(ahead, 'http://127.0.0.1:1'),
      'http://127.0.0.1:1',
    );
    expect(Math.abs(ClockOffset - ahead)).toBeLessThanOrEqual(ClockError);
    expect(ClockError).toBe(505);
  });

  it('says why a server cannot be reached', async () => {
    const ask = async () => {
      throw new NetfoldError({ code: 'control.unreachable', message: 'nobody there' });
    };
    expect(await measureControl({ ...probe(0, ''), ask }, 'http://127.0.0.1:1')).toEqual({
      URL: 'http://127.0.0.1:1',
      Reachable: false,
      Problem: 'nobody there',
    });
  });
});

describe('wayOut', () => {
  it('is what the kernel says', async () => {
    const way = await wayOut('udp4', '127.0.0.1');
    expect(way).toMatchObject({ Source: '127.0.0.1', Interface: 'lo', MTU: 65_536 });
  });

  it('says when there is none', async () => {
    expect(await wayOut('udp6', 'fe80::1%no-such-interface')).toEqual({ Problem: expect.any(String) });
  });
});

describe('udpOf', () => {
  const peer = (change: Partial<PeerStatus>) => ({ TxBytes: 0, Online: true, ...change }) as PeerStatus;
  const at = (second: number) => new Date(NOW + second * 1000).toISOString();

  it('knows nothing before a peer was called on', () =>
    expect(udpOf({ Peer: { a: peer({}), b: peer({ TxBytes: 1, Online: false }) } }, 7)).toEqual({
      Port: 7,
      PeersTried: 0,
      PeersHeard: 0,
    }));

  it('takes a peer that answered for a proof', () => {
    const Peer = { a: peer({ TxBytes: 1, LastHandshake: at(1) }), b: peer({ TxBytes: 9, LastHandshake: at(2) }) };
    const udp = udpOf({ Peer: { ...Peer, c: peer({ TxBytes: 1 }) } }, 7);
    expect(udp).toEqual({ Port: 7, Works: true, PeersTried: 3, PeersHeard: 2, LastHeard: at(2) });
  });

  it('does not take a relay for one', () =>
    expect(udpOf({ Peer: { a: peer({ TxBytes: 1, LastHandshake: at(1), Relay: 'fra' }) } }, 7)).toMatchObject({
      Works: false,
      PeersHeard: 0,
    }));
});

describe('netcheckProblems', () => {
  const good: Omit<NetcheckReport, 'Problems'> = {
    When: new Date(NOW).toISOString(),
    UDP: { Port: 7, Works: true, PeersTried: 1, PeersHeard: 1 },
    IPv4: { Source: '10.0.0.5', Interface: 'eth0', MTU: 1500 },
    IPv6: { Problem: 'no route' },
    Endpoints: [],
    Tunnel: { Interface: 'netfold0', MTU: 1280 },
    Control: { Reachable: true, Connected: true, ClockOffset: 400, ClockError: 505 },
    DNS: { Nameservers: [] },
  };
  const control = (change: Partial<ControlReport>) => ({ Control: { ...good.Control, ...change } });

  it.each<[string, Partial<NetcheckReport>, string | undefined]>([
    ['nothing', {}, undefined],
    ['the narrowest way that is wide enough', { IPv4: { Interface: 'ppp0', MTU: 1340 } }, undefined],
    ['a way that is too narrow', { IPv4: { Interface: 'ppp0', MTU: 1339 } }, 'needs 1340 over IPv4'],
    ['the tunnel itself, to an exit node', { IPv4: { Interface: 'netfold0', MTU: 1280 } }, undefined],
    ['a clock that may be right', control({ ClockOffset: 5_505 }), undefined],
    ['a clock that is behind', control({ ClockOffset: 75_200 }), 'is 75 s behind the server'],
    ['a clock that is ahead', control({ ClockOffset: -75_200 }), 'is 75 s ahead of the server'],
    ['no answer', { UDP: { Port: 7, Works: false, PeersTried: 2, PeersHeard: 0 } }, 'none of the 2 peers'],
    ['no way', { IPv4: { Problem: 'no route' } }, 'no way to the internet'],
    ['no server', control({ Problem: 'nobody there' }), 'cannot be reached: nobody there'],
    ['no port', control({ AgentsURL: 'http://x:1', AgentsProblem: 'refused' }), 'at http://x:1: refused'],
  ])('of %s', (_, change, text) => {
    const expected = text === undefined ? [] : [expect.stringContaining(text)];
    expect(netcheckProblems({ ...good, ...change }, 1280)).toEqual(expected);
  });
});
