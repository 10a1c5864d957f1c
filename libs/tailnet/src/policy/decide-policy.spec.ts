import { describe, expect, test } from '@jest/globals';
import { evolve } from '../evolve.js';
import { given } from '../testing/given.js';
import { aTailnet, theUser } from '../testing/tailnet-builder.js';
import { checkPolicy } from './check-policy.js';

const tailnet = aTailnet().withUser('ned', 'network-admin').withUser('bob').withNode('db', { user: 'bob' });
const good = '{ "acls": [] } // nobody';

describe('PublishAcl', () => {
  test('keeps the text as it was given', () => {
    const { state } = given(tailnet)
      .when('PublishAcl', { text: good }, { by: theUser('ned') })
      .thenEvents(['AclPublished', { text: good }])
      .when('PublishAcl', { text: good }, { by: theUser('ned') })
      .thenNothing();
    expect(state.policy).toMatchObject({ text: good, revision: state.revision });
  });

  test('refuses an edit that began before the policy in force, and not for anything else that happened since', () => {
    const base = tailnet.withPolicy(good).state.revision;
    const moved = tailnet.withPolicy(good).withUser('eve');
    given(moved)
      .when('PublishAcl', { text: `${good}2`, base })
      .thenEvents(['AclPublished', { text: `${good}2` }])
      .when('PublishAcl', { text: `${good}3`, base })
      .thenRejected('policy.stale_revision')
      .when('PublishAcl', { text: `${good}2`, base })
      .thenNothing();
    given(moved)
      .when('PublishAcl', { text: `${good}2`, base: 999 })
      .thenRejected('policy.stale_revision');
  });

  test('refuses a text with errors and tells all of them', () => {
    const text = '{\n  "acls": [{ "action": "accept", "src": ["group:nope"], "dst": ["tag:nope:22"] }]\n}';
    const scenario = given(tailnet.withPolicy(good)).when('PublishAcl', { text }).thenRejected('policy.invalid');
    expect(scenario.state.policy.text).toBe(good);
    const errors = checkPolicy(tailnet.state, text).problems.filter(({ severity }) => severity === 'error');
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.every(({ line }) => line === 2)).toBe(true);
    scenario.thenRejected('policy.invalid', { problems: checkPolicy(tailnet.state, text).problems });
  });

  test.each(['', '{', '[]', '{ "acls": [ }'])('%j is refused', (text) => {
    given(tailnet).when('PublishAcl', { text }).thenRejected('policy.invalid');
  });

  test('refuses a policy whose own tests do not hold', () => {
    const policy = { acls: [], tests: [{ src: 'ned@example.com', accept: ['100.64.0.1:22'] }] };
    const open = { ...policy, acls: [{ action: 'accept', src: ['*'], dst: ['*:22'] }] };
    given(tailnet)
      .when('PublishAcl', { text: JSON.stringify(policy) })
      .thenRejected('policy.invalid', {
        message: 'tests[0]: ned@example.com to 100.64.0.1:22 should be allowed, but would be denied',
      })
      .when('PublishAcl', { text: JSON.stringify(open) })
      .thenEvents(['AclPublished', { text: JSON.stringify(open) }]);
  });

  test('groups that an identity provider synced may be named', () => {
    const text = JSON.stringify({ acls: [{ action: 'accept', src: ['group:ops'], dst: ['*:22'] }] });
    given(tailnet).when('PublishAcl', { text }).thenRejected('policy.invalid');
    const synced = tailnet.withGroup('group:ops', 'ned');
    given(synced).when('PublishAcl', { text }).thenEvents(['AclPublished', { text }]);
  });

  test('of domains, those of its users may be named', () => {
    const text = (domain: string) =>
      JSON.stringify({ acls: [{ action: 'accept', src: [`user:*@${domain}`], dst: ['*:22'] }] });
    given(tailnet)
      .when('PublishAcl', { text: text('exmaple.com') })
      .thenRejected('policy.invalid', { hint: 'did you mean "example.com"?' })
      .when('PublishAcl', { text: text('example.com') })
      .thenEvents(['AclPublished', { text: text('example.com') }]);
  });

  test('with rules that cannot be compiled is refused', () => {
    const numbers = [...Array(12).keys()];
    const groups = Object.fromEntries(numbers.map((i) => [`group:g${i}`, ['ned@example.com']]));
    const drops = numbers.map((i) => ({ action: 'drop', src: [`group:g${i}`], dst: [`10.${i}.0.0/16:*`] }));
    const text = JSON.stringify({ groups, acls: [{ action: 'accept', src: ['*'], dst: ['*:*'] }, ...drops] });
    given(tailnet.withPolicy(good)).when('PublishAcl', { text }).thenRejected('policy.invalid');
  });
});

test('a stored policy that does not parse leaves the last good one in force', () => {
  const before = tailnet.withPolicy(good).state;
  const meta = { revision: before.revision + 1, recordedAt: 0, commandId: 'x' };
  const after = evolve(before, { type: 'AclPublished', version: 1, data: { text: '{ "acls": 5 }' } }, meta);
  expect(after.policy).toBe(before.policy);
  expect(after.revision).toBe(before.revision + 1);
});
