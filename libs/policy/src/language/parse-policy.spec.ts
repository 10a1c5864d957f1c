import { describe, expect, it } from '@jest/globals';
import { parsePolicy } from './parse-policy.js';

/** Each problem as `line:column severity message (hint)`. */
const complaints = (text: string) =>
  parsePolicy(text).problems.map(
    ({ where, severity, message, hint }) => `${where} ${severity} ${message} (${hint ?? ''})`,
  );

describe('parsePolicy', () => {
  it('reads the guide’s file, and warns of names without their prefix', () => {
    const { policy, problems } = parsePolicy(`{
      // who may what
      "acls": [
        { "action": "accept", "src": ["group:sysadmins"], "dst": ["*:*"] },
        { "action": "accept", "src": ["group:devs"], "dst": ["tag:dev-servers:22", "tag:dev-servers:80,443"] },
      ],
      "tagOwners": { "dev-servers": ["group:sysadmins"] },
      "groups": { "sysadmins": ["alice@example.com"], "devs": ["bob@example.com"] },
    }`);
    expect(problems.map(({ severity, hint }) => [severity, hint])).toEqual([
      ['warning', 'write "group:sysadmins"'],
      ['warning', 'write "group:devs"'],
      ['warning', 'write "tag:dev-servers"'],
    ]);
    expect(policy?.groups.get('group:devs')).toEqual(['bob@example.com']);
    expect(policy?.rules?.[1]?.dst.map(({ services }) => services[0]?.ports)).toEqual([
      [{ first: 22, last: 22 }],
      [
        { first: 80, last: 80 },
        { first: 443, last: 443 },
      ],
    ]);
  });

  it('tells all problems at once, each with its place and what to do', () => {
    const text = `{
  "groups": {"group:eng": ["alice@example.com"]},
  "tagOwners": {"tag:dev-servers": ["group:eng"]},
  "hosts": {"db": "10.0.0.300"},
  "acls": [
    {"action": "deny", "src": ["group:enf"], "dst": ["tag:dev-server:22"]},
    {"action": "accept", "src": ["*"], "dst": ["tag:dev-servers:http"], "protocol": "tcp"}
  ]
}`;
    expect(complaints(text)).toEqual([
      '4:19 error hostname contains invalid IP address: hostname "db" address "10.0.0.300" (write an address or a CIDR prefix)',
      '6:16 error action="deny" is not supported (write "accept", or "drop" to take access away; what no rule accepts is denied)',
      '6:32 error group not found: "group:enf" (did you mean "group:eng"?)',
      '6:54 error dst="tag:dev-server": tag not found: "tag:dev-server" (did you mean "tag:dev-servers"?)',
      '7:73 error unknown field: "protocol" in acls[1] (did you mean "proto"?)',
      '7:48 error dst="tag:dev-servers:http": port range "http": invalid first integer (write the ports after the last colon: "tag:dev-servers:22", "tag:dev-servers:80,443" or "tag:dev-servers:*")',
    ]);
    expect(parsePolicy(text).policy).toBeUndefined();
  });

  it('points at the place of a syntax error', () => {
    expect(complaints('{\n  "acls": [}')).toEqual(['2:12 error a value is expected here ()']);
    expect(complaints('{ "groups": {} "hosts": {} }')).toEqual([
      '1:16 error a comma is missing before this (write a comma between two entries)',
    ]);
    expect(complaints('{"a')).toEqual(['1:2 error this string is never closed ()']);
    expect(complaints('/* {}')).toEqual(['1:1 error this comment is never closed ()']);
    expect(complaints('')).toEqual([
      '1:1 error the file ends where a value is expected (a policy starts like {"acls": [ … ]})',
    ]);
    expect(complaints(`${'['.repeat(100_000)}`)).toEqual(['1:66 error values are nested more than 64 deep ()']);
  });

  it('reads on after what is plain to see through, to tell of everything at once', () => {
    expect(complaints(`{\n  acls: [,\n  {'action': accept, "src": ["group:x"], "dst": []}`)).toEqual([
      '2:3 error acls must stand in double quotes (write "acls")',
      '2:10 error there is nothing before this comma (remove it)',
      '3:4 error action must stand in double quotes (write "action")',
      '3:14 error accept must stand in double quotes (write "accept")',
      '2:9 error this "[" is never closed (write its "]")',
      '3:30 error group not found: "group:x" (define it in "groups")',
    ]);
  });

  it('says once that a section stands there twice', () => {
    expect(complaints('{"acls": [], "acls": [], "ACLs": []}')).toEqual([
      '1:14 error "acls" stands here twice (keep one of them)',
      '1:26 error "ACLs" repeats "acls", which stands above (merge the two)',
    ]);
  });

  it.each([
    ['src', '10.0.0.256', 'an IPv4 address is four numbers up to 255, and a prefix of it ends in /0 to /32'],
    ['src', '10.0.0.0/33', 'an IPv4 address is four numbers up to 255, and a prefix of it ends in /0 to /32'],
    ['src', 'web:22', '"src" takes no ports: write "web"'],
    ['dst', '*:70000', 'ports are 1 to 65535'],
    ['dst', '*:90-80', 'write the smaller port first'],
  ])('knows what is wrong with the %s %s', (end, text, hint) => {
    const rule = { action: 'accept', src: ['*'], dst: ['*:22'], [end]: [text] };
    expect(parsePolicy(JSON.stringify({ acls: [rule] })).problems.map((problem) => problem.hint)).toEqual([hint]);
  });

  it('shows how to write a list', () => {
    const { problems } = parsePolicy('{"acls": [{"action": "accept", "src": "*", "dst": ["*:22"]}]}');
    expect(problems.map(({ message, hint }) => [message, hint])).toEqual([
      ['"src" must be a list in square brackets, not a text', 'write ["*"]'],
    ]);
  });

  it('takes what IP sets add and remove, and refuses one that is made of itself', () => {
    const ipsets = {
      'ipset:office': ['10.0.0.0/8', 'remove 10.1.0.0/16', 'add ipset:home', 'db'],
      'ipset:home': ['192.168.0.1-192.168.0.2'],
    };
    const { policy } = parsePolicy(JSON.stringify({ ipsets, hosts: { db: '172.16.0.1' } }));
    expect(policy?.ipsets.get('ipset:office')).toContain('192.168.0.2/32');
    expect(policy?.ipsets.get('ipset:office')).not.toContain('10.0.0.0/8');
    expect(complaints('{"ipsets": {"ipset:a": ["ipset:b"], "ipset:b": ["ipset:a"]}}')).toHaveLength(1);
  });
});
