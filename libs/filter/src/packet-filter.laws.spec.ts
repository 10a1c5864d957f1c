import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { FilterPeer, FilterRule, FilterSelf, Selector } from './filter-rule.js';
import { PacketFilter } from './packet-filter.js';
import type { Sender } from './rules/peer-entry.js';
import { echo, ipPacket, tcp, transport, udp } from './testing/packet-builder.js';
import { type PlainPacket, SlowFilter } from './testing/slow-filter.js';

// A small world, so that random rules, packets and changes meet each other often.
const OWN = ['100.64.0.1', 'fd7a::1'];
const ADDRESSES = [
  ...OWN,
  '100.64.0.2',
  'fd7a::2',
  '100.64.0.3',
  '192.168.1.10',
  '192.168.1.77',
  '10.0.0.1',
  'fd99::5',
];
const PREFIXES = [
  '0.0.0.0/0',
  '::/0',
  '100.64.0.0/10',
  '192.168.1.0/24',
  '192.168.1.64/26',
  '192.168.1.10/32',
  'fd00::/8',
  '100.64.0.1/32',
];
const LABELS = ['group:eng', 'group:ops', 'tag:web'];
const USERS = ['alice', 'bob', undefined];
const PORTS = [0, 1, 22, 80, 255, 256, 257, 65535];
const PROTOCOLS = [1, 6, 17, 47, 58, 132];

const selector: fc.Arbitrary<Selector> = fc.oneof(
  fc.constant({ kind: 'any' } as const),
  fc.constant({ kind: 'same-user' } as const),
  fc.constantFrom(...LABELS).map((label) => ({ kind: 'label', label }) as const),
  fc.constantFrom(...PREFIXES).map((prefix) => ({ kind: 'prefix', prefix }) as const),
);

const ports = fc.oneof(
  fc.constant([{ first: 0, last: 65535 }]),
  fc.array(
    fc.tuple(fc.constantFrom(...PORTS), fc.constantFrom(...PORTS)).map(([a, b]) => ({
      first: Math.min(a, b),
      last: Math.max(a, b),
    })),
    { maxLength: 3 },
  ),
);

const rule: fc.Arbitrary<FilterRule> = fc.record({
  id: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  src: fc.array(selector, { maxLength: 2 }),
  dst: fc.oneof(
    fc.constant({ kind: 'self' } as const),
    fc.constantFrom(...PREFIXES).map((prefix) => ({ kind: 'prefix', prefix }) as const),
  ),
  sameUser: fc.boolean(),
  protocols: fc.oneof(fc.constant([]), fc.subarray(PROTOCOLS)),
  ports,
});
const rules = fc.uniqueArray(rule, { selector: ({ id }) => id, maxLength: 5 });

const peer: fc.Arbitrary<FilterPeer> = fc.record({
  id: fc.constantFrom('p', 'p', 'p', 'q'),
  addresses: fc.constantFrom(['100.64.0.2', 'fd7a::2'], ['100.64.0.3']),
  labels: fc.subarray(LABELS),
  user: fc.constantFrom(...USERS),
});
const self = fc.record({
  addresses: fc.constantFrom(OWN, ['100.64.0.1'], ['fd7a::1']),
  user: fc.constantFrom(...USERS),
});

/** Two ends that talk: what `inbound` packets of it are like. */
const conversation: fc.Arbitrary<PlainPacket> = fc
  .record({
    source: fc.oneof(fc.constantFrom('100.64.0.2', '100.64.0.3', 'fd7a::2'), fc.constantFrom(...ADDRESSES)),
    destination: fc.oneof(fc.constantFrom(...OWN), fc.constantFrom(...ADDRESSES)),
    protocol: fc.oneof(fc.constantFrom(6, 17), fc.constantFrom(...PROTOCOLS)),
    sourcePort: fc.constantFrom(...PORTS),
    destinationPort: fc.constantFrom(...PORTS),
    begins: fc.constant(true),
  })
  .filter(({ source, destination }) => source.includes(':') === destination.includes(':'))
  .map((packet) => {
    const { protocol, source } = packet;
    if (protocol === 1 || protocol === 58) return { ...packet, ...NO_PORTS, protocol: source.includes(':') ? 58 : 1 };
    return hasPorts(protocol) ? packet : { ...packet, ...NO_PORTS };
  });

const NO_PORTS = { sourcePort: 0, destinationPort: 0 };

const reversed = (packet: PlainPacket): PlainPacket => ({
  ...packet,
  source: packet.destination,
  destination: packet.source,
  sourcePort: packet.destinationPort,
  destinationPort: packet.sourcePort,
});

const hasPorts = (protocol: number): boolean => protocol === 6 || protocol === 17 || protocol === 132;

function bytesOf({ source, destination, protocol, sourcePort, destinationPort, begins }: PlainPacket): Uint8Array {
  if (protocol === 6) return tcp(source, destination, [sourcePort, destinationPort], begins ? 0x02 : 0x10);
  if (protocol === 17) return udp(source, destination, [sourcePort, destinationPort]);
  if (protocol === 1 || protocol === 58) return echo(source, destination, begins ? 'request' : 'reply', 7);
  return ipPacket({ from: source, to: destination, protocol, payload: transport(sourcePort, destinationPort) });
}

type Step =
  | { readonly do: 'inbound' | 'outbound'; readonly peer: string; readonly of: number; readonly begins: boolean }
  | { readonly do: 'rules'; readonly rules: readonly FilterRule[] }
  | { readonly do: 'rule'; readonly rule: FilterRule; readonly keep: boolean }
  | { readonly do: 'peer'; readonly definition: FilterPeer }
  | { readonly do: 'self'; readonly self: FilterSelf }
  | { readonly do: 'remove'; readonly peer: string };

const MOST_TALKS = 6;
const peerId = fc.constantFrom('p', 'p', 'p', 'q');
const traffic = fc.record({
  do: fc.constantFrom('inbound' as const, 'inbound' as const, 'outbound' as const),
  peer: peerId,
  of: fc.nat(MOST_TALKS - 1),
  begins: fc.boolean(),
});
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: traffic },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('rules' as const), rules }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('rule' as const), rule, keep: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('peer' as const), definition: peer }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('self' as const), self }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), peer: peerId }) },
);

/** As whoever moves packets keeps them, whatever becomes of the peers meanwhile. */
const sendersOf = (filter: PacketFilter) => ({ p: filter.sender('p'), q: filter.sender('q') });
type Senders = Record<string, Sender>;

/** Takes one step with both filters; answers what both say of an inbound packet. */
function take(
  step: Step,
  talks: readonly PlainPacket[],
  fast: PacketFilter,
  senders: Senders,
  slow: SlowFilter,
): boolean | undefined {
  switch (step.do) {
    case 'rules':
      fast.setRules(step.rules);
      slow.rules = step.rules;
      return undefined;
    case 'rule': // added, changed or removed
      slow.rules = [...slow.rules.filter(({ id }) => id !== step.rule.id), ...(step.keep ? [step.rule] : [])];
      fast.setRules(slow.rules);
      return undefined;
    case 'peer':
      fast.setPeer(step.definition);
      slow.peers.set(step.definition.id, step.definition);
      return undefined;
    case 'self':
      fast.setSelf(step.self);
      slow.self = step.self;
      return undefined;
    case 'remove':
      fast.removePeer(step.peer);
      slow.removePeer(step.peer);
      return undefined;
  }
  const talk = talks[step.of % talks.length] as PlainPacket;
  const packet = { ...(step.do === 'inbound' ? talk : reversed(talk)), begins: step.begins };
  if (step.do === 'outbound') {
    fast.outbound(0, senders[step.peer] ?? step.peer, bytesOf(packet));
    slow.outbound(step.peer, packet);
    return undefined;
  }
  const allowed = slow.inbound(step.peer, packet);
  expect(fast.inbound(0, senders[step.peer] ?? step.peer, bytesOf(packet)).allowed).toBe(allowed);
  return allowed;
}

test('it lets in what the slow and obvious filter lets in, whatever has changed before', () => {
  let [admitted, refused] = [0, 0];
  const world = fc.record({ self, rules, peers: fc.uniqueArray(peer, { selector: ({ id }) => id }) });
  const talks = fc.array(conversation, { minLength: 1, maxLength: MOST_TALKS });
  const steps = fc.array(step, { minLength: 10, maxLength: 60 });
  fc.assert(
    fc.property(world, talks, steps, fc.integer(), fc.boolean(), (world, talks, steps, seed, keepsSenders) => {
      // As many flows as talks: none is evicted, and buckets are shared.
      const fast = new PacketFilter({ seed, flows: MOST_TALKS });
      const slow = new SlowFilter();
      fast.configure(world);
      slow.configure(world);
      const senders: Senders = keepsSenders ? sendersOf(fast) : {};
      for (const step of steps) {
        const allowed = take(step, talks, fast, senders, slow);
        if (allowed === true) admitted++;
        else if (allowed === false) refused++;
      }
    }),
    { numRuns: 400 },
  );
  // The worlds are not so strange that everything has the same fate.
  expect(Math.min(admitted, refused) / (admitted + refused)).toBeGreaterThan(0.05);
});

test('rules in steps end where the same rules at once do', () => {
  fc.assert(
    fc.property(
      self,
      fc.array(rules, { minLength: 1, maxLength: 5 }),
      peer,
      fc.array(conversation),
      (self, versions, peer, packets) => {
        const stepwise = new PacketFilter({ seed: 1 });
        for (const rules of versions) {
          stepwise.configure({ self, rules, peers: [peer] });
          for (const packet of packets) stepwise.inbound(0, peer.id, bytesOf({ ...packet, sourcePort: 9 }));
        }
        const fresh = new PacketFilter({ seed: 1 });
        fresh.configure({ self, rules: versions.at(-1) ?? [], peers: [peer] });
        for (const packet of packets) {
          const [a, b] = [stepwise, fresh].map((filter) => filter.inbound(0, peer.id, bytesOf(packet)));
          expect([a?.allowed, a?.rule]).toEqual([b?.allowed, b?.rule]);
        }
      },
    ),
    { numRuns: 300 },
  );
});
