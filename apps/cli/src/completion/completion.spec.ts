import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeAgents, peer, status } from '../testing/fake-agent.js';
import { netfold } from '../testing/fake-io.js';

let agents: FakeAgents;
beforeEach(async () => {
  agents = await FakeAgents.open();
});
afterEach(() => agents.close());

/** The words that may follow, without what they mean. */
async function offered(...words: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await netfold(['completion', 'words', '--', ...words], { env: agents.env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t')[0] ?? '');
}

describe('netfold completion words', () => {
  it('completes commands, and says what they do', async () => {
    expect(await offered('sta')).toEqual(['status']);
    expect(await offered('set')).toEqual(expect.arrayContaining(['set', 'set-acl']));
    expect(await offered('help', 'netc')).toEqual(['netcheck']);
    const { stdout } = await netfold(['completion', 'words', '--', 'sta']);
    expect(stdout).toBe('status\tshow this machine and the nodes it may see\n');
  });

  it('completes commands of commands, which are no arguments', async () => {
    expect(await offered('node', 'a')).toEqual(['approve']);
    expect(await offered('debug', 'wg')).toEqual(['wgconf']);
    expect(await offered('status', '')).toEqual([]);
    expect(await offered('nonsense', '')).toEqual([]);
  });

  it('completes options, in either way of writing them', async () => {
    expect(await offered('status', '--s')).toEqual(['--socket', '--self']);
    expect(await offered('status', '--active', '--js')).toEqual(['--json']);
    expect(await offered('status', '--peers=')).toEqual(['--peers=true', '--peers=false']);
    expect(await offered('agent', '--crypto=no')).toEqual(['--crypto=noble']);
    expect(await offered('agent', '--crypto', 'no')).toEqual(['noble']);
    expect(await offered('up', '--server', 'x', '--auth-key-')).toEqual(['--auth-key-file']);
    expect(await offered('status', '--', '--js')).toEqual([]);
  });

  it('leaves files to the shell', async () => {
    expect(await offered('set-acl', '')).toEqual([':files']);
    expect(await offered('up', '--auth-key-file', 'k')).toEqual([':files']);
    expect(await offered('status', '--socket=')).toEqual([':files']);
  });

  it('completes the names of nodes, as the agent knows them now', async () => {
    const Peer = {
      a: peer('web-1'),
      b: peer('way-out', { ExitNodeOption: true, IPs: ['100.64.0.7'] }),
    };
    await agents.start({ 'GET /status': async () => status({ Peer }) });
    expect(await offered('ping', '')).toEqual(['laptop', 'web-1', 'way-out']);
    expect(await offered('ping', '-c', '1', 'w')).toEqual(['web-1', 'way-out']);
    expect(await offered('ping', 'web-1', '')).toEqual([]);
    expect(await offered('whois', 'l')).toEqual(['laptop']);
    expect(await offered('node', 'approve', 'web')).toEqual(['web-1']);
    expect(await offered('up', '--exit-node', '')).toEqual(['way-out']);
    expect(await offered('set', '--exit-node=w')).toEqual(['--exit-node=way-out']);
    const { stdout } = await netfold(['completion', 'words', '--', 'ping', '--socket', agents.socket, 'way']);
    expect(stdout).toBe('way-out\t100.64.0.7\n');
  });

  it('knows none without an agent, and says nothing', async () => expect(await offered('ping', '')).toEqual([]));

  it('does not wait for an agent that hangs', async () => {
    const server = createServer(() => {}).listen(agents.socket);
    expect(await offered('ping', '')).toEqual([]);
    server.close();
  });
});

describe('netfold completion', () => {
  it.each(['bash', 'zsh', 'fish'])('prints a script for %s', async (shell) => {
    const { code, stdout } = await netfold(['completion', shell]);
    expect({ code, asks: stdout.includes('completion words -- ') }).toEqual({ code: 0, asks: true });
  });

  it('knows no other shell', async () => {
    const { code, stderr } = await netfold(['completion', 'csh']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('bash, zsh, fish') });
  });
});
