import { describe, expect, it } from '@jest/globals';
import { NetworkView } from '../address/network-view.js';
import { compilePolicy } from '../compile/compile-policy.js';
import { directoryOf, policyOf, subjectOf } from '../testing.js';
import { toSshRules } from './to-ssh-rules.js';

const subjects = [
  subjectOf('ann', 1, 'ann@example.com'),
  subjectOf('bob', 2, 'bob@other.org'),
  subjectOf('web', 3, 'tag:web'),
];

/** Each rule as `sources → users, action`. */
function rulesAt(id: string, ...ssh: object[]) {
  const policy = policyOf({ tagOwners: { 'tag:web': [] }, acls: [], ssh });
  const view = new NetworkView(compilePolicy(policy), { subjects, directory: directoryOf() });
  return toSshRules(view, id).map(({ principals, sshUsers, action }) => [
    principals
      .map(({ nodeIP }) => nodeIP)
      .filter((address) => address.includes('.'))
      .join(' '),
    sshUsers,
    action.accept ? 'accept' : 'check',
  ]);
}

const rule = (users: string[], more: object = {}) => ({
  action: 'accept',
  src: ['autogroup:member'],
  dst: ['tag:web'],
  users,
  ...more,
});

describe('toSshRules', () => {
  it('maps local users, and refuses root unless it is named', () => {
    expect(rulesAt('web', rule(['autogroup:nonroot', 'ubuntu']))).toEqual([
      ['100.64.0.1 100.64.0.2', { '*': '=', root: '', ubuntu: 'ubuntu' }, 'accept'],
    ]);
    expect(rulesAt('ann', rule(['root']))).toEqual([]);
  });

  it('puts checks before accepts', () => {
    const rules = rulesAt('web', rule(['root']), rule(['ubuntu'], { action: 'check', checkPeriod: '1h' }));
    expect(rules.map(([, , action]) => action)).toEqual(['check', 'accept']);
  });

  it('lets people in to their own devices only, by autogroup:self', () => {
    const self = rule(['root'], { dst: ['autogroup:self'] });
    expect(rulesAt('bob', self)).toEqual([['100.64.0.2', { root: 'root' }, 'accept']]);
    expect(rulesAt('web', self)).toEqual([]);
  });

  it('makes a local user of the login name, for the people of the named domain', () => {
    expect(rulesAt('web', rule(['localpart:*@example.com']))).toEqual([
      ['100.64.0.1', { root: '' }, 'accept'],
      ['100.64.0.1', { ann: 'ann' }, 'accept'],
      ['100.64.0.2', { root: '' }, 'accept'],
    ]);
  });
});
