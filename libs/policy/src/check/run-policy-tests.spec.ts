import { describe, expect, it } from '@jest/globals';
import { directoryOf, policyOf, subjectOf } from '../testing.js';
import { policyRefusal } from './refusal.js';
import { runPolicyTests } from './run-policy-tests.js';

const subjects = [subjectOf('ann', 1, 'ann@example.com'), subjectOf('web', 2, 'tag:web'), subjectOf('db', 3, 'tag:db')];
const base = {
  groups: { 'group:eng': ['ann@example.com', 'new@example.com'] },
  tagOwners: { 'tag:web': [], 'tag:db': [], 'tag:planned': [] },
  hosts: { server: '100.64.0.2', office: '10.0.0.0/8' },
  acls: [
    { action: 'accept', src: ['group:eng'], dst: ['tag:web:80,443', 'tag:planned:22'] },
    { action: 'accept', src: ['tag:web'], dst: ['tag:db:5432'], proto: 'tcp' },
  ],
  ssh: [
    {
      action: 'accept',
      src: ['autogroup:member'],
      dst: ['tag:web'],
      users: ['autogroup:nonroot', 'localpart:*@example.com'],
    },
    { action: 'check', src: ['ann@example.com'], dst: ['tag:web'], users: ['root'] },
  ],
};
const failures = (sections: object) =>
  runPolicyTests(policyOf({ ...base, ...sections }), { subjects, directory: directoryOf() });
const test = (entry: object) => failures({ tests: [entry] }).map(({ message }) => message);
const sshTest = (entry: object) => failures({ sshTests: [entry] }).map(({ message }) => message);

describe('tests in a policy', () => {
  it.each([
    {
      src: 'ann@example.com',
      accept: ['tag:web:443', '100.64.0.2:80', 'server:80'],
      deny: ['tag:db:5432', 'tag:web:22'],
    },
    { src: 'tag:web', proto: 'tcp', accept: ['tag:db:5432'] },
    { src: 'tag:web', proto: 'udp', deny: ['tag:db:5432'] },
    { src: 'new@example.com', accept: ['tag:web:80'] },
    { src: 'group:eng', accept: ['tag:planned:22'] },
  ])('holds: %j', (entry) => expect(test(entry)).toEqual([]));

  it('says what was expected and what would happen, at the place of the expectation', () => {
    const [failed] = failures({ tests: [{ src: 'ann@example.com', accept: ['tag:db:5432'] }] });
    expect(failed?.message).toBe('tests[0]: ann@example.com to tag:db:5432 should be allowed, but would be denied');
    expect(failed?.hint).toBe('acls[1] (line 28) comes nearest: its src (tag:web) does not include the source');
    const [open] = failures({ tests: [{ src: 'ann@example.com', deny: ['tag:web:80'] }] });
    expect(open?.hint).toBe(
      'acls[0] (line 18) allows: group:eng (which holds ann@example.com) may reach tag:web:80,443',
    );
    expect(policyRefusal(failed ? [failed] : [])).toBe('test(s) failed');
  });

  it.each([
    [{ accept: ['tag:web:80'] }, 'a test needs a "src"'],
    [{ src: 'ann@example.com' }, 'a test needs something in "accept" or "deny"'],
    [{ src: 'ann@example.com', accept: ['tag:web:80-90'] }, 'must name a single port'],
    [{ src: 'ann@example.com', accept: ['office:80'] }, 'must be a single host'],
    [{ src: 'ann@example.com', accept: ['10.0.0.0/8:80'] }, 'must be a single host'],
    [{ src: 'ann@example.com', deny: ['tag:unknown:80'] }, 'there is no such node'],
    [{ src: 'ann@example.com', accept: ['autogroup:internet:80'] }, 'routes decide that'],
    [{ src: 'nobody', accept: ['tag:web:80'] }, 'unknown user or host'],
    [{ src: 'ann@example.com', proto: 'icmp', accept: ['tag:web:80'] }, 'tcp, udp or sctp'],
  ])('fails on what it cannot test: %j', (entry, complaint) => expect(test(entry).join()).toContain(complaint));
});

describe('SSH tests in a policy', () => {
  it.each([
    { src: 'ann@example.com', dst: ['tag:web'], accept: ['ubuntu', 'ann', 'root'], check: ['root'] },
    { src: 'ann@example.com', dst: ['tag:db'], deny: ['ubuntu', 'root'] },
    { src: 'tag:db', dst: ['tag:web'], deny: ['ubuntu'] },
  ])('holds: %j', (entry) => expect(sshTest(entry)).toEqual([]));

  it.each([
    [
      { src: 'ann@example.com', dst: ['tag:web'], deny: ['ubuntu'] },
      'ann@example.com as ubuntu on web should be denied, but would be allowed',
    ],
    [
      { src: 'ann@example.com', dst: ['tag:web'], check: ['ubuntu'] },
      'should be allowed after a check, but would be allowed',
    ],
    [{ src: 'ann@example.com', dst: ['tag:planned'], accept: ['root'] }, 'no node is "tag:planned"'],
    [{ src: 'ann@example.com', dst: ['tag:web'] }, 'nothing in "accept", "deny" or "check"'],
  ])('fails: %j', (entry, complaint) => expect(sshTest(entry).join()).toContain(complaint));
});
