import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { PeerStatus, SelfStatus, Status } from '../../../../agent/src/local-api/status.js';
import { FakeAgents, peer, self, status } from '../../testing/fake-agent.js';
import { NOW, netfold, type Ran } from '../../testing/fake-io.js';

let agents: FakeAgents;
beforeEach(async () => {
  agents = await FakeAgents.open();
});
afterEach(() => agents.close());

const run = async (answer: Status, ...words: string[]): Promise<Ran> =>
  netfold(['status', ...words], await agents.start({ 'GET /status': async () => answer }));

/** The last column of a peer. */
async function stateOf(change: Partial<PeerStatus>): Promise<string | undefined> {
  const { stdout } = await run(status({ Self: undefined, Peer: { one: peer('one', change) } }));
  return stdout.trimEnd().split(/ {2,}/).at(-1);
}

describe('netfold status', () => {
  it('is a table of this machine and those it may see', async () => {
    const { code, stdout, stderr } = await run(status());
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      '100.64.0.1   laptop  alice@example.com  linux  -',
      '100.64.0.20  gone    bob@example.com    linux  offline, last seen 3h ago',
      '100.64.0.20  idle    tagged-devices     linux  -',
      '100.64.0.20  web-1   tagged-devices     linux  active; direct 192.0.2.20:41641, tx 1200 rx 900',
      '',
    ]);
  });

  const active = { Active: true, TxBytes: 5, RxBytes: 6 };
  const gone = { Online: false, LastSeen: new Date(NOW - 86_400_000).toISOString() };
  it.each<[string, Partial<PeerStatus>]>([
    ['-', {}],
    ['idle, tx 1 rx 0', { TxBytes: 1 }],
    ['idle, tx 0 rx 1', { RxBytes: 1 }],
    ['idle; offers exit node', { ExitNodeOption: true }],
    ['idle; exit node, tx 3 rx 4', { ExitNodeOption: true, ExitNode: true, TxBytes: 3, RxBytes: 4 }],
    ['active; direct [2001:db8::1]:41641, tx 5 rx 6', { ...active, CurAddr: '[2001:db8::1]:41641' }],
    ['active; exit node; direct 10.0.0.2:41641, tx 5 rx 6', { ...active, CurAddr: '10.0.0.2:41641', ExitNode: true }],
    ['active; relay "fra", tx 5 rx 6', { ...active, Relay: 'fra' }],
    ['offline, last seen 1d ago', { ...gone, TxBytes: 7 }],
    ['offline, last seen 1d ago; offers exit node', { ...gone, ExitNodeOption: true }],
    ['offline', { Online: false }],
  ])('says %j of a peer', async (text, change) => expect(await stateOf(change)).toBe(text));

  it('calls nodes of other networks by their whole names', async () => {
    const { stdout } = await run(status({ Peer: { one: peer('db', { DNSName: 'db.other.netfold.internal' }) } }));
    expect(stdout).toContain('  db.other.netfold.internal  ');
  });

  it.each([
    [['--active'], ['laptop', 'web-1']],
    [['--peers=false'], ['laptop']],
    [['--self=false'], ['gone', 'idle', 'web-1']],
    [['--self=false', '--active'], ['web-1']],
    [
      ['--self', '--peers', 'true'],
      ['laptop', 'gone', 'idle', 'web-1'],
    ],
  ])('with %j shows %j, also to programs', async (words, names) => {
    const { stdout } = await run(status(), ...words);
    const shown = stdout.trimEnd().split('\n');
    expect(shown.map((line) => line.split(/ +/)[1])).toEqual(names);
    const { Self, Peer } = JSON.parse((await run(status(), ...words, '--json')).stdout) as Status;
    expect([Self, ...Object.values(Peer)].flatMap((node) => node?.HostName ?? []).sort()).toEqual([...names].sort());
  });

  it('refuses what is neither yes nor no', async () => {
    expect(await run(status(), '--peers=maybe')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('It must be true or false.'),
    });
  });

  it('says what is wrong beside the table, not in it', async () => {
    const { stdout, stderr } = await run(status({ Health: ['IPv4 forwarding is off', 'and more'], Peer: {} }));
    expect(stdout.trim().split('\n').length).toBe(1);
    expect(stderr).toBe('\n# Health check:\n#     - IPv4 forwarding is off\n#     - and more\n');
  });

  it('says which way of carrying packets is not the best', async () => {
    const { stderr } = await run(status({ Fallbacks: ['no UDP_GRO'] }));
    expect(stderr).toBe('\n# Not as fast as it could be:\n#     - no UDP_GRO\n');
  });

  it('says that the name was taken', async () => {
    const { stderr } = await run(status({ Self: { ...self, HostName: 'laptop-1', NameTaken: 'laptop' } }));
    expect(stderr).toBe('\n# The name laptop belongs to another machine: this one is laptop-1.\n');
  });

  it('gives programs everything', async () => {
    const { stdout } = await run(status(), '--json');
    expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(status())));
  });

  const expired: SelfStatus = { ...self, Expired: true };
  it.each<[string, Partial<Status>, string]>([
    ['stopped', { BackendState: 'Stopped' }, 'netfold is stopped. Start it with: netfold up\n'],
    ['starting', { BackendState: 'Starting' }, 'netfold is starting: this machine waits for its first netmap.\n'],
    [
      'no member',
      { BackendState: 'NeedsLogin' },
      'This machine is not a member of a network. Join one with: netfold up --server URL\n',
    ],
    [
      'expired',
      { BackendState: 'NeedsLogin', Self: expired },
      'The key of this machine has expired. Log in again with: netfold up\n',
    ],
  ])('fails when the machine is %s, and says why and how to go on', async (_, change, text) => {
    const down = status({ Self: undefined, Peer: {}, Health: ['the reason'], ...change });
    expect(await run(down)).toEqual({ code: 1, stdout: text, stderr: '\n# Health check:\n#     - the reason\n' });
  });

  it('says how to start the agent when there is none', async () => {
    expect(await netfold(['status'], { env: agents.env })).toEqual({
      code: 1,
      stdout: '',
      stderr:
        `netfold: no agent is running on this machine (${agents.socket})\n` +
        '  start it and leave it running: netfold agent\n  or say where it listens: --socket PATH, or NETFOLD_SOCKET\n',
    });
  });
});
