import { describe, expect, it } from '@jest/globals';
import { directoryOf, subjectOf } from '../testing.js';
import { checkPolicyFile } from './check-policy.js';

const network = { subjects: [subjectOf('ann', 1, 'ann@example.com')], directory: directoryOf() };
const check = (text: string) => checkPolicyFile(text, network, {});

/** The policy of the guide that netfold's first users follow, which leaves out prefixes in two sections. */
const GUIDE = `{
  "acls": [
    {"action": "accept", "src": ["group:sysadmins"], "dst": ["*:*"]},
    {"action": "accept", "src": ["group:devs"], "dst": ["tag:dev-servers:22", "tag:dev-servers:80"]}
  ],
  "tagOwners": {"dev-servers": ["group:sysadmins"]},
  "groups": {"sysadmins": ["ann@example.com"], "devs": ["bob@example.com"]},
  "ssh": [{"action": "accept", "src": ["group:sysadmins"], "dst": ["tag:dev-servers"], "users": ["autouser"]}]
}`;

describe('checkPolicyFile', () => {
  it('passes the policy of the guide, with the canonical spelling as its only advice', () => {
    const { policy, problems } = check(GUIDE);
    expect(policy).toBeDefined();
    expect(problems.map(({ where, severity, hint }) => `${where} ${severity} ${hint}`)).toEqual([
      '6:17 warning write "tag:dev-servers"',
      '7:14 warning write "group:sysadmins"',
      '7:48 warning write "group:devs"',
    ]);
  });

  it('has nothing to say about its canonical spelling', () => {
    const canonical = GUIDE.replace('"dev-servers"', '"tag:dev-servers"').replace('"sysadmins"', '"group:sysadmins"');
    expect(check(canonical.replace('"devs"', '"group:devs"')).problems).toEqual([]);
  });

  it('refuses a policy whose tests fail', () => {
    const { policy, problems } = check(
      `{"acls": [], "tests": [{"src": "ann@example.com", "accept": ["ann@example.com:22"]}]}`,
    );
    expect(policy).toBeUndefined();
    expect(problems.map(({ message }) => message)).toEqual([
      'tests[0]: ann@example.com to ann@example.com:22 should be allowed, but would be denied',
    ]);
  });

  it('shows the offending text, and suggests what was meant', () => {
    const { problems } = check(
      '{"tagOwners": {"tag:web": []}, "acls": [{"action": "accept", "src": ["web"], "dst": ["tag:wbe:22"]}]}',
    );
    expect(problems.map(({ text, hint }) => [text, hint])).toEqual([
      ['"web"', 'did you mean "tag:web"?'],
      ['"tag:wbe"', 'did you mean "tag:web"?'],
    ]);
  });

  it('tells of drop rules that cut too much into pieces, instead of failing', () => {
    const drops = [...Array(12).keys()].map((i) => ({
      action: 'drop',
      src: [`group:g${i}`],
      dst: [`tag:t${i}:*`],
    }));
    const tagOwners = Object.fromEntries(drops.map((_, i) => [`tag:t${i}`, []]));
    const groups = Object.fromEntries(drops.map((_, i) => [`group:g${i}`, ['ann@example.com']]));
    const { policy, problems } = check(
      JSON.stringify({ tagOwners, groups, acls: [{ action: 'accept', src: ['*'], dst: ['*:*'] }, ...drops] }),
    );
    expect(policy).toBeUndefined();
    expect(problems.map(({ code }) => code)).toContain('policy.too_many_drops');
  });
});
