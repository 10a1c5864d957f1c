import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { seededRandom } from '#crypto/testing';
import { NetfoldError } from '#kernel';
import type { AgentCall } from '#wire';
import { ControlServers } from './control-servers.js';

const HOME = 'https://home:1';

function harness(known: readonly string[] = [], seed = 1) {
  const state = { changed: [] as (readonly string[])[], closed: 0, asked: [] as string[], down: new Set<string>() };
  const servers = new ControlServers({
    home: HOME,
    known,
    random: seededRandom(seed),
    connect: (url) => {
      if (url.includes('bad')) throw new NetfoldError({ code: 'agent.bad_server_url', message: 'bad' });
      return {
        stream: () => ({}) as AgentCall,
        command: async ({ commandId }) => {
          state.asked.push(`${url} ${commandId}`);
          if (state.down.has(url)) throw new NetfoldError({ code: 'control.unreachable', message: 'down' });
          return 7;
        },
        close: () => void state.closed++,
      };
    },
    changed: (urls) => void state.changed.push(urls),
  });
  return { servers, state };
}

const command = { nodeId: 'n', commandId: 'c', action: { kind: 'logout' } } as const;

describe('ControlServers', () => {
  it('begins where the machine joined, and tries each of the others once before any of them again', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 8 }), (seed, count) => {
        const known = Array.from({ length: count }, (_, i) => `https://r${i}:1`);
        const { servers } = harness(known, seed);
        expect(servers.url).toBe(HOME);
        const round = [...known, HOME].map(() => {
          const { url } = servers;
          servers.next();
          return url;
        });
        expect(round.toSorted()).toEqual([...known, HOME].toSorted());
      }),
    );
  });

  it('has one server when it was told of none, and stays there', () => {
    const { servers } = harness();
    servers.next();
    expect(servers.url).toBe(HOME);
  });

  it('keeps what it is told when that is new, and passes over what it must not use', () => {
    const { servers, state } = harness(['https://a:1']);
    servers.learn(['https://a:1']);
    expect(state.changed).toEqual([]);
    servers.learn(['http://plain:1', 'https://bad:1', 'nonsense', 'https://b:1', 'https://b:1']);
    expect(state.changed).toEqual([['https://b:1', 'https://a:1']]);
    servers.next();
    expect(servers.url).toBe('https://b:1');
  });

  // Two replicas that restart one after the other: while the one is away, the other tells of itself alone.
  it('goes back to a server that it is not told of any more, when no other is left', () => {
    const { servers, state } = harness(['https://a:1', 'https://b:1']);
    servers.learn(['https://b:1']);
    const round = [1, 2, 3, 4].map(() => {
      servers.next();
      return servers.url;
    });
    expect(round).toEqual(['https://b:1', 'https://a:1', expect.not.stringContaining('a:1'), expect.any(String)]);
    expect(state.changed).toEqual([['https://b:1', 'https://a:1']]);
    servers.learn(['https://a:1']);
    expect(state.changed.at(-1)).toEqual(['https://a:1', 'https://b:1']);
  });

  it('keeps no more than sixteen, the newest', () => {
    const { servers, state } = harness();
    for (let i = 0; i < 40; i++) servers.learn([`https://r${i}:1`]);
    expect(state.changed.at(-1)).toEqual(Array.from({ length: 16 }, (_, i) => `https://r${39 - i}:1`));
  });

  it('asks the next server when one does not answer, under the same id', async () => {
    const { servers, state } = harness(['https://a:1', 'https://b:1']);
    state.down.add(HOME);
    await expect(servers.command(command, (bytes) => bytes)).resolves.toBe(7);
    expect(state.asked).toEqual([`${HOME} c`, `${servers.url} c`]);
    for (const url of ['https://a:1', 'https://b:1']) state.down.add(url);
    await expect(servers.command(command, (bytes) => bytes)).rejects.toMatchObject({ code: 'control.unreachable' });
    expect(state.asked).toHaveLength(5);
  });

  it('closes every connection that it opened', () => {
    const { servers, state } = harness(['https://a:1', 'https://b:1']);
    servers.close();
    expect(state.closed).toBe(3);
  });
});
