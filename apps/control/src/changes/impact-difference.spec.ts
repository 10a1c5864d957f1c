import { describe, expect, test } from '@jest/globals';
import { impactOf } from '#reach';
import { aTailnet, nodeId, type TailnetBuilder } from '#tailnet/testing';
import { impactDifference } from './impact-difference.js';

const policy = (port: string, comment = 'web') => `{
  "tagOwners": {"tag:web": []},
  // ${comment}
  "acls": [{"action": "accept", "proto": "tcp", "src": ["autogroup:member"], "dst": ["tag:web:${port}"]}],
}`;

const before = aTailnet()
  .withUser('ann')
  .withNode('laptop', { user: 'ann' })
  .withNode('web-1', { tags: ['tag:web'] })
  .withPolicy(policy('443'));

/** How what a policy would do differs between two moments. */
const between = (then: TailnetBuilder, now: TailnetBuilder, text = policy('443,8080')) => {
  const [a, b] = [then, now].map((built) => impactOf(built.state, built.withPolicy(text).state));
  if (!a || !b) throw new Error('there is no impact');
  expect(a.digest).not.toBe(b.digest);
  return impactDifference(a, b, (id) => id.replace('node_', ''));
};

describe('impacts of different digests', () => {
  test('the same words for other machines name those machines', () => {
    const gained = 'gained: autogroup:member → tag:web 8080/tcp (through acls[0])';
    const more = before.withNode('web-2', { tags: ['tag:web'] });
    expect(between(before, more)).toEqual({ added: [`${gained}: also to web-2`], gone: [] });
    const fewer = more.with('NodeRemoved', { nodeId: nodeId('web-1'), reason: 'removed' });
    expect(between(before, fewer)).toEqual({
      added: [`${gained}: also to web-2`],
      gone: [`${gained}: no longer to web-1`],
    });
  });

  test('many machines are told by their number', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const more = names.reduce((built, name) => built.withNode(name, { user: 'ann' }), before);
    expect(between(before, more).added).toEqual([
      'gained: autogroup:member → tag:web 8080/tcp (through acls[0]): also from a, b, c, d, e and 2 more',
    ]);
  });

  test('flows that come or go are told whole', () => {
    expect(between(before, before.withPolicy(policy('443,8080', 'old'))).gone).toContain(
      'gained: autogroup:member → tag:web 8080/tcp (through acls[0])',
    );
  });

  test('other lines of the policy are told, also those that let nothing pass', () => {
    const { added, gone } = between(before, before.withPolicy(policy('443', 'the web')));
    expect({ added, gone }).toEqual({
      added: ['policy: has 2 new lines and lost 2', 'policy removed: // the web', 'policy added: // web'],
      gone: ['policy: has 1 new line and lost 1'],
    });
  });
});
