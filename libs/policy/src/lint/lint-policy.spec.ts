import { describe, expect, it } from '@jest/globals';
import { policyOf } from '../testing.js';
import { lintPolicy } from './lint-policy.js';

const warnings = (text: string) => lintPolicy(policyOf(text)).map(({ where, message }) => `${where} ${message}`);

describe('lintPolicy', () => {
  it('has nothing to say about a tidy policy', () => {
    expect(
      warnings(`{
        "groups": {"group:eng": ["ann@example.com"]},
        "tagOwners": {"tag:web": ["group:eng"]},
        "hosts": {"db": "10.0.0.1"},
        "acls": [{"action": "accept", "src": ["group:eng"], "dst": ["tag:web:443", "db:5432"]}],
        "grants": [{"src": ["autogroup:member"], "dst": ["autogroup:self"], "ip": ["*"]}]
      }`),
    ).toEqual([]);
  });

  it('names what is never used, never matches, is shadowed, dropped or too wide', () => {
    expect(
      warnings(`{
  "groups": {"group:eng": ["ann@example.com"], "group:empty": [], "group:old": ["bob@example.com"]},
  "tagOwners": {"tag:web": ["group:eng"], "tag:gone": ["group:eng"]},
  "hosts": {"db": "10.0.0.1", "net": "10.0.0.0/8"},
  "acls": [
    {"action": "accept", "src": ["*"], "dst": ["*:*"]},
    {"action": "accept", "src": ["group:eng"], "dst": ["tag:web:22"]},
    {"action": "accept", "src": ["group:empty"], "dst": ["net:22"]},
    {"action": "drop", "src": ["*"], "dst": ["bob@example.com:*"]},
    {"action": "accept", "src": ["group:eng"], "dst": ["bob@example.com:80"]},
  ],
  "grants": [{"src": ["*"], "dst": ["tag:web"], "via": ["tag:web"], "ip": ["*"]}]
}`),
    ).toEqual([
      '2:67 "group:old" is defined and never used',
      '3:43 "tag:gone" is defined and never used',
      '4:13 "db" is defined and never used',
      '6:5 acls[0] lets everyone reach every port of everything',
      '7:5 acls[1] is shadowed: acls[0] (line 6) lets the same through already',
      '8:5 acls[2] can never match: group:empty has no members',
      '10:5 acls[4] has no effect: drop rules take away all that it accepts',
      '12:14 grants[0] can never match: "via" is about routes, and "dst" names no prefix',
    ]);
  });

  it('finds what is shadowed beside drop rules', () => {
    expect(
      warnings(`{
  "tagOwners": {"tag:web": []},
  "acls": [
    {"action": "accept", "src": ["ann@example.com"], "dst": ["tag:web:*"]},
    {"action": "accept", "src": ["ann@example.com"], "dst": ["tag:web:22"]},
    {"action": "drop", "src": ["*"], "dst": ["10.0.0.5:5432"]},
  ]}`),
    ).toEqual(['5:5 acls[1] is shadowed: acls[0] (line 4) lets the same through already']);
  });

  it('warns of a file that says nothing about access', () => {
    expect(warnings('{}')).toEqual(['1:1 there are no "acls" and no "grants", so everyone may reach everything']);
  });
});
