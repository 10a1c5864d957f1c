import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FakeAgents, peer, status } from '../../apps/cli/src/testing/fake-agent.js';
import { Shell } from './shell.js';

// zsh keeps the names of the words in an array; what would show them is replaced by what prints them.
const ZSH = `
compdef() { print "registered for $2" }
_describe() { print -l -- "\${(@P)2}" }
_files() { print files }
source <(netfold completion zsh)
tab() { words=("$@"); CURRENT=$#words; _netfold; print '=' }
`;

const isThere = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;

describe.each(['zsh', 'fish'])('%s', (name) => {
  let shell: Shell;
  let agents: FakeAgents;
  beforeAll(async () => {
    shell = await Shell.open(name);
    agents = await FakeAgents.open();
    await agents.start({ 'GET /status': async () => status({ Peer: { a: peer('web-1') } }) });
  });
  afterAll(async () => {
    await agents.close();
    await shell.close();
  });

  const when = isThere(name) ? it : it.skip;

  when('finds nothing wrong with its script', async () => {
    expect(await shell.run(`netfold completion ${name} > script; ${name} -n script`)).toEqual([]);
  });

  when('completes commands, options, nodes and files', async () => {
    const printed = await shell.run(name === 'zsh' ? zsh() : fish(), agents.socket);
    expect(printed).toEqual(name === 'zsh' ? ZSH_SAYS : FISH_SAYS);
  });
});

const zsh = () =>
  `${ZSH}
tab netfold stat
tab netfold ping w
tab netfold status --se
tab netfold set-acl po
`;

const ZSH_SAYS = [
  'registered for netfold',
  'status:show this machine and the nodes it may see',
  '=',
  'web-1:100.64.0.20',
  '=',
  '--self:whether to show this machine',
  '=',
  'files',
  '=',
];

const fish = () => `
touch policy.hujson
netfold completion fish | source
complete -C 'netfold stat'
complete -C 'netfold ping w'
complete -C 'netfold status --se'
complete -C 'netfold set-acl po'
`;

const FISH_SAYS = [
  'status\tshow this machine and the nodes it may see',
  'web-1\t100.64.0.20',
  '--self\twhether to show this machine',
  expect.stringMatching(/^policy\.hujson/),
];
