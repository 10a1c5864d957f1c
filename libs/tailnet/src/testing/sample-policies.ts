/** Tags that every sample policy declares. */
export const SAMPLE_TAGS = ['tag:ci', 'tag:db', 'tag:router', 'tag:web'] as const;

/** Groups that an identity provider may sync in a random history; sample policies name those that they define. */
export const SAMPLE_GROUPS = ['group:ops', 'group:sales'] as const;

/** Prefixes that nodes of a random history advertise; some within others, and the exit routes. */
export const SAMPLE_PREFIXES = [
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.2.0/24',
  '192.168.1.0/24',
  '192.168.2.0/24',
  'fd12:3456:789a::/48',
  '0.0.0.0/0',
  '::/0',
] as const;

const RULES = [
  { action: 'accept', src: ['*'], dst: ['*:*'] },
  { action: 'accept', src: ['group:eng'], dst: ['tag:web:80,443', 'tag:db:5432'] },
  { action: 'accept', src: ['user0@example.com'], dst: ['*:22'] },
  { action: 'accept', src: ['user1@example.com', 'user2@example.com'], dst: ['tag:ci:*'] },
  { action: 'accept', src: ['tag:web'], dst: ['tag:db:5432'] },
  { action: 'accept', src: ['tag:ci'], dst: ['tag:web:8000-8100', 'office:443'] },
  { action: 'accept', proto: 'udp', src: ['group:eng', 'tag:router'], dst: ['10.0.0.0/8:53'] },
  { action: 'accept', src: ['autogroup:member'], dst: ['autogroup:self:*'] },
  { action: 'accept', src: ['autogroup:member'], dst: ['autogroup:internet:*'] },
  { action: 'accept', src: ['autogroup:tagged'], dst: ['192.168.1.0/24:*'] },
  { action: 'accept', src: ['10.1.0.0/16'], dst: ['tag:db:*'] },
  { action: 'accept', src: ['autogroup:admin'], dst: ['tag:router:*', '100.64.0.0/24:22'] },
] as const;

/** One of many valid policies: each bit of the seed takes a rule in or leaves it out. */
export function samplePolicy(seed: number): string {
  const acls = RULES.filter((_, i) => (seed >> i) & 1);
  const members = [0, 1, 2, 3].filter((i) => (seed >> (i + 3)) & 1).map((i) => `user${i}@example.com`);
  const policy = {
    groups: { 'group:eng': members },
    hosts: { office: '192.168.2.0/24' },
    tagOwners: Object.fromEntries(
      SAMPLE_TAGS.map((tag, i) => [tag, (seed >> i) & 1 ? ['autogroup:member'] : ['group:eng']]),
    ),
    acls,
    autoApprovers: {
      routes: seed & 2 ? { '10.0.0.0/8': ['tag:router', 'group:eng'] } : { '192.168.0.0/16': ['autogroup:member'] },
      exitNode: seed & 4 ? ['tag:router'] : [],
    },
  };
  return `// Policy ${seed}\n${JSON.stringify(policy, null, 2)}\n`;
}
