import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeAgents, peer, status } from '../../apps/cli/src/testing/fake-agent.js';
import { Shell } from './shell.js';

describe('bash', () => {
  let bash: Shell;
  let agents: FakeAgents;
  beforeAll(async () => {
    bash = await Shell.open('bash');
    agents = await FakeAgents.open();
    const Peer = { a: peer('web-1'), b: peer('way-out', { ExitNodeOption: true }) };
    await agents.start({ 'GET /status': async () => status({ Peer }) });
  });
  afterAll(async () => {
    await agents.close();
    await bash.close();
  });

  /** What Tab offers behind each line, as readline asks for it. */
  async function tab(...lines: string[]): Promise<string[][]> {
    const asked = lines.map(
      (line) => `COMP_LINE='${line}' COMP_POINT=${line.length} _netfold; echo "= \${COMPREPLY[*]}"`,
    );
    const printed = await bash.run(`source <(netfold completion bash)\n${asked.join('\n')}`, agents.socket);
    return printed.map((line) => line.slice(2).split(' ').filter(Boolean));
  }

  it('completes commands, options and nodes', async () => {
    expect(await tab('netfold stat', 'netfold ping w', 'netfold status --se', 'netfold node approve ')).toEqual([
      ['status'],
      ['web-1', 'way-out'],
      ['--self'],
      ['laptop', 'web-1', 'way-out'],
    ]);
  });

  it('repeats nothing of a word that it takes apart', async () => {
    expect(await tab('netfold status --peers=f', 'netfold up --exit-node=')).toEqual([['false'], ['way-out']]);
  });

  it('is registered, so that files follow where files belong', async () => {
    expect(await bash.run('source <(netfold completion bash); complete -p netfold')).toEqual([
      'complete -F _netfold netfold',
    ]);
    expect(await tab('netfold set-acl po')).toEqual([[]]);
  });
});
