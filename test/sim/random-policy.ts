import type { Dice } from '#sim';

export const LOGINS = [0, 1, 2, 3].map((i) => `user${i}@example.com`);
export const TAGS = ['tag:web', 'tag:db', 'tag:router'];
/** One that the policy names, and one that an identity provider syncs. */
const GROUPS = ['group:eng', 'group:ops'];
export const SYNCED_GROUP = 'group:ops';

const PREFIXES = [
  '10.0.0.0/8',
  '10.1.0.0/16',
  '10.1.0.0/24',
  '10.2.1.0/24',
  '10.3.0.0/24',
  '100.64.0.0/10',
  '100.64.0.2',
];
const PORTS = ['*', '22', '80,443', '8000-8100'];
/** Ports to try: in some of those ranges, and in none. */
export const TRIED_PORTS = [22, 80, 443, 8050, 9000];

/** The prefixes that the n-th node may offer to route; nobody else does. */
export const prefixesOf = (n: number): string[] => [`10.${n}.0.0/24`, `10.${n}.1.0/24`];

/** A policy in JSON. */
export function randomPolicy(dice: Dice): string {
  const rules = Array.from({ length: 1 + dice.below(5) }, () => randomRule(dice));
  return JSON.stringify({
    groups: { 'group:eng': dice.some(LOGINS), 'group:ops': [] },
    tagOwners: Object.fromEntries(TAGS.map((tag) => [tag, []])),
    acls: rules,
    autoApprovers: { routes: { '10.0.0.0/8': dice.some(['tag:router', 'group:eng']) } },
  });
}

function randomRule(dice: Dice) {
  const proto = dice.chance(0.3) ? { proto: dice.pick(['tcp', 'udp']) } : {};
  if (dice.chance(0.2)) {
    return { action: 'accept', ...proto, src: ['autogroup:member'], dst: [`autogroup:self:${dice.pick(PORTS)}`] };
  }
  const ends = (anybody: number) =>
    Array.from({ length: 1 + dice.below(2) }, () => (dice.chance(anybody) ? '*' : dice.pick(NAMES)));
  return {
    action: 'accept',
    ...proto,
    src: ends(0.4),
    dst: ends(0.4).map((name) => `${name}:${dice.pick(PORTS)}`),
  };
}

const NAMES = [...LOGINS, ...TAGS, ...GROUPS, ...PREFIXES, 'autogroup:member', 'autogroup:tagged'];
