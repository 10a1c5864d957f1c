import { expect } from '@jest/globals';
import fc from 'fast-check';
import { NetworkView } from '../address/network-view.js';
import { type FilterRule, toPacketFilter } from '../address/packet-filter.js';
import { rangePrefixes } from '../address/prefixes.js';
import { seeEachOther } from '../address/visible-peers.js';
import { compilePolicy } from '../compile/compile-policy.js';
import { type PacketEnd, permits } from '../compile/permits.js';
import type { LabelledNode } from '../compile/reach.js';
import { DEFAULT_PROTOCOLS, hasPorts } from '../language/protocols.js';
import type { Subject } from '../subject.js';
import { directoryOf, policyOf } from '../testing.js';
import { FORWARDED, randomPolicy, randomSubjects } from './random-policy.js';
import { isPublic, isWithin, type SlowPacket, servesNarrowly, slowlyAllows } from './slow-evaluator.js';

const directory = directoryOf({ 'ann@example.com': 'admin' });

/** Every address that a node has, or forwards for. */
const addressesAt = (subject: Subject): string[] => [
  ...subject.addresses,
  ...FORWARDED.filter((address) => (subject.routes ?? []).some((route) => isWithin(route, address))),
];

/**
 * What a router serves is not accepted from an exit node: the narrower route is the one that counts. And who sends from a
 * private address behind an exit node is told apart by identities only, so that the forms differ there by design.
 */
const isSourceOf = (subjects: readonly Subject[], from: Subject, address: string): boolean =>
  from.addresses.includes(address) ||
  servesNarrowly(from, address) ||
  (isPublic(address) && !subjects.some((other) => servesNarrowly(other, address)));

const PROBES = [
  { protocol: 6, port: 22 },
  { protocol: 6, port: 80 },
  { protocol: 17, port: 53 },
  { protocol: 1, port: 0 },
  { protocol: 132, port: 9 },
];

function* packets(subjects: readonly Subject[]): Iterable<SlowPacket> {
  for (const from of subjects) {
    for (const to of subjects) {
      if (from === to) continue;
      for (const fromAddress of addressesAt(from).filter((address) => isSourceOf(subjects, from, address))) {
        for (const toAddress of addressesAt(to)) {
          if (fromAddress.includes(':') !== toAddress.includes(':')) continue;
          for (const probe of PROBES) yield { from, fromAddress, to, toAddress, ...probe };
        }
      }
    }
  }
}

function endOf({ subject, labels }: LabelledNode, address: string): PacketEnd {
  const own = subject.addresses.includes(address);
  return { address, own, exit: !own && !servesNarrowly(subject, address), labels, user: subject.user };
}

/** Whether an address is in what a filter rule names: `*`, an address, a prefix or a range. */
function contains(text: string, address: string): boolean {
  const prefixes = rangePrefixes(...(text.split('-') as [string, string])) ?? [text];
  return text === '*' || prefixes.some((prefix) => isWithin(prefix, address));
}

/** What a client of the reference does with its filter. */
const filterAllows = (filter: readonly FilterRule[], { fromAddress, toAddress, protocol, port }: SlowPacket): boolean =>
  filter.some(
    ({ SrcIPs, DstPorts, IPProto }) =>
      (IPProto ?? DEFAULT_PROTOCOLS).includes(protocol) &&
      SrcIPs.some((text) => contains(text, fromAddress)) &&
      (DstPorts ?? []).some(
        ({ IP, Ports }) =>
          contains(IP, toAddress) && (!hasPorts(protocol) || (Ports.First <= port && port <= Ports.Last)),
      ),
  );

/**
 * The law of this library, on random policies and networks: the view by identities and the view by addresses let the same
 * packets pass as the slow reading of the file, and hide no peer that packets pass to.
 */
export function expectViewsToAgree(numRuns: number): void {
  let [passed, stopped] = [0, 0];
  fc.assert(
    fc.property(randomPolicy, randomSubjects, (value, subjects) => {
      const policy = policyOf(value);
      const view = new NetworkView(compilePolicy(policy), { subjects, directory });
      const filters = new Map(subjects.map(({ id }) => [id, toPacketFilter(view, id)]));
      const node = (subject: Subject) => view.node(subject.id) as LabelledNode;
      for (const packet of packets(subjects)) {
        const { from, to, protocol, port } = packet;
        const ends = { from: endOf(node(from), packet.fromAddress), to: endOf(node(to), packet.toAddress) };
        const slow = slowlyAllows(policy, directory, packet);
        const identity = view.compiled.rules.some((rule) => permits(rule, { ...ends, protocol, port }));
        const address = filterAllows(filters.get(to.id) ?? [], packet);
        if (identity !== slow || address !== slow) {
          const { fromAddress, toAddress } = packet;
          expect({ fromAddress, from, toAddress, to, protocol, port, identity, address }).toEqual({ slow });
        }
        if (slow && !ends.from.exit && !ends.to.exit)
          expect(seeEachOther(view.compiled.rules, node(from), node(to))).toBe(true);
        if (slow) passed++;
        else stopped++;
      }
    }),
    { numRuns },
  );
  expect(Math.min(passed, stopped)).toBeGreaterThan(50);
}
