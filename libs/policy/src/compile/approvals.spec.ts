import { describe, expect, it } from '@jest/globals';
import { directoryOf, policyOf, subjectOf } from '../testing.js';
import { autoApproves, mayTag, tagsMayTag } from './approvals.js';

const directory = directoryOf({ 'root@example.com': 'admin' }, { 'sync@example.com': ['group:ops'] });

describe('mayTag', () => {
  const policy = policyOf({
    groups: { 'group:ops': ['ann@example.com'] },
    tagOwners: {
      'tag:base': ['group:ops', 'autogroup:admin'],
      'tag:web': ['tag:base', 'bob@example.com'],
      'tag:x': ['tag:y'],
      'tag:y': ['tag:x'],
    },
  });

  it.each([
    ['ann@example.com', 'tag:base', true],
    ['ann@example.com', 'tag:web', true],
    ['sync@example.com', 'tag:web', true],
    ['root@example.com', 'tag:base', true],
    ['bob@example.com', 'tag:web', true],
    ['bob@example.com', 'tag:base', false],
    ['ann@example.com', 'tag:x', false],
    ['ann@example.com', 'tag:unknown', false],
  ])('%s may give %s: %s', (login, tag, expected) => {
    expect(mayTag(policy, login, tag, directory)).toBe(expected);
  });

  it('lets a node with an owning tag give the owned one', () => {
    expect(tagsMayTag(policy, ['tag:base'], 'tag:web')).toBe(true);
    expect(tagsMayTag(policy, ['tag:web'], 'tag:base')).toBe(false);
  });
});

describe('autoApproves', () => {
  const policy = policyOf({
    groups: { 'group:ops': ['ann@example.com'] },
    tagOwners: { 'tag:router': ['group:ops'], 'tag:exit': ['group:ops'] },
    autoApprovers: { routes: { '10.0.0.0/8': ['tag:router'], '0.0.0.0/0': ['group:ops'] }, exitNode: ['tag:exit'] },
  });
  const router = subjectOf('r', 1, 'tag:router');
  const exit = subjectOf('e', 2, 'tag:exit');
  const laptop = subjectOf('l', 3, 'ann@example.com');

  it.each([
    [router, '10.0.0.0/8', true],
    [router, '10.1.0.0/16', true],
    [router, '0.0.0.0/0', false],
    [router, '192.168.0.0/16', false],
    [router, 'nonsense', false],
    [exit, '0.0.0.0/0', true],
    [exit, '::/0', true],
    [exit, '10.0.0.0/8', false],
    [laptop, '192.168.0.0/16', true],
    [laptop, '0.0.0.0/0', false],
    [laptop, 'fd00::/8', false],
  ])('%# %s', (subject, route, expected) => {
    expect(autoApproves(policy, subject, route, directory)).toBe(expected);
  });
});
