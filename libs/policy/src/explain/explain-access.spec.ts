import { describe, expect, it } from '@jest/globals';
import { NetworkView } from '../address/network-view.js';
import { compilePolicy } from '../compile/compile-policy.js';
import { directoryOf, policyOf, subjectOf } from '../testing.js';
import { explainAccess } from './explain-access.js';
import { readAccessQuestion } from './read-question.js';

const policy = policyOf(`{
  "groups": {"group:eng": ["ann@example.com"]},
  "tagOwners": {"tag:web": ["group:eng"], "tag:db": ["group:eng"]},
  "postures": {"posture:safe": ["node:os == 'linux'"]},
  "acls": [
    {"action": "accept", "src": ["group:eng"], "dst": ["tag:web:80,443"]},
    {"action": "accept", "src": ["tag:web"], "dst": ["tag:db:5432"], "proto": "tcp"},
    {"action": "accept", "src": ["bob@example.com"], "dst": ["tag:db:*"], "srcPosture": ["posture:safe"]},
    {"action": "accept", "src": ["cid@example.com"], "dst": ["tag:db:*"]},
    {"action": "drop", "src": ["*"], "dst": ["tag:db:22"]},
  ],
}`);
const subjects = [
  subjectOf('laptop', 1, 'ann@example.com'),
  subjectOf('web-1', 2, 'tag:web'),
  subjectOf('db-1', 3, 'tag:db'),
  subjectOf('phone', 4, 'bob@example.com', { attributes: { 'node:os': 'ios' } }),
];
const directory = directoryOf();
const view = new NetworkView(compilePolicy(policy), { subjects, directory });
const ask = (src: string, dst: string, port: number, protocol = 6) => {
  const { allowed, summary, rule } = explainAccess(policy, view, directory, { src, dst, port, protocol });
  return [allowed, summary, rule && `line ${rule.line}: ${rule.because}`];
};

describe('explainAccess', () => {
  it('names the rule that allows, and the group and tag through which it does', () => {
    expect(ask('ann@example.com', 'web-1', 443)).toEqual([
      true,
      'ann@example.com to web-1:443/tcp is allowed by acls[0]',
      'line 6: group:eng (which holds ann@example.com) may reach tag:web:80,443',
    ]);
  });

  it('names the nearest rule and what it lacks', () => {
    expect(ask('laptop', 'tag:web', 22)).toEqual([
      false,
      'laptop to tag:web:22/tcp is denied: no rule allows it; acls[0] comes nearest',
      'line 6: it opens 80, 443, not 22',
    ]);
    expect(ask('web-1', 'db-1', 5432, 17)[2]).toBe('line 7: it is about tcp, not udp');
    expect(ask('phone', 'db-1', 80)[2]).toBe('line 8: the source does not meet posture:safe');
    expect(ask('laptop', 'db-1', 5432)[2]).toBe('line 7: its src (tag:web) does not include the source');
  });

  it('names the drop rule that takes away what another accepts', () => {
    expect(ask('cid@example.com', 'db-1', 22)).toEqual([
      false,
      'cid@example.com to db-1:22/tcp is dropped by acls[4]',
      'line 10: * may not reach tag:db:22',
    ]);
  });

  it('says so when the answer is not the same for all that a name stands for', () => {
    const some = policyOf(
      '{"hosts": {"one": "100.64.0.3"}, "acls": [{"action": "accept", "src": ["*"], "dst": ["one:22"]}]}',
    );
    const network = { subjects: [...subjects, subjectOf('db-2', 5, 'tag:db')], directory };
    const question = { src: 'laptop', dst: 'tag:db', port: 22, protocol: 6 };
    const tags = { ...some, tagOwners: policy.tagOwners };
    expect(explainAccess(tags, new NetworkView(compilePolicy(some), network), directory, question).summary).toBe(
      'laptop to tag:db:22/tcp is allowed by acls[0], but not between all that these names stand for',
    );
  });

  it('says so when a name means nothing', () => {
    expect(ask('nobody', 'db-1', 22)[1]).toBe('"nobody" is no node, user, group, tag, host or address here');
  });
});

describe('readAccessQuestion', () => {
  it.each([
    ['db:5432', 'db', 5432, 6],
    ['tag:db:53/udp', 'tag:db', 53, 17],
    ['[fd7a::1]:22', 'fd7a::1', 22, 6],
    ['web-1/icmp', 'web-1', 0, 1],
  ])('%s', (text, dst, port, protocol) => {
    expect(readAccessQuestion('ann@example.com', text)).toEqual({ src: 'ann@example.com', dst, port, protocol });
  });

  it.each([
    ['db', '"db" names no port: write it like db:443 or db:53/udp'],
    ['tag:db', '"tag:db" names no port: write it like tag:db:443 or tag:db:53/udp'],
    ['db:80-90', '"80-90" is not a single port'],
    ['db:http', '"http" is not a single port'],
  ])('%s is not a question', (text, complaint) => expect(readAccessQuestion('a@b', text)).toBe(complaint));
});
