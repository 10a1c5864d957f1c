import { AddressSet, INTERNET, type Policy } from '#policy';
import { joined, type Named } from './named.js';

const MAX_NAMES = 3;
const IPV4 = AddressSet.of(['0.0.0.0/0']);
const IPV6 = AddressSet.of(['::/0']);
const EVERYTHING = AddressSet.of(['0.0.0.0/0', '::/0']);

/**
 * Tells addresses behind routers by the names that the policy has for them, or else as prefixes.
 * @param elsewhere for what is behind exit nodes: the addresses that are not, whatever a name says
 */
export function nameAddresses(addresses: AddressSet, policy: Policy | undefined, elsewhere = AddressSet.EMPTY): Named {
  const texts = addresses.texts();
  const key = texts.join();
  const known = namesIn(policy).find(([, set]) => set.minus(elsewhere).texts().join() === key);
  const count = addresses.prefixes().length;
  if (known) return { text: known[0], names: [known[0]], exact: true, count, examples: texts.slice(0, MAX_NAMES) };
  const names = texts.slice(0, MAX_NAMES);
  const more = texts.length - names.length;
  const text = more > 0 ? `${names.join(', ')} and ${more} more ${more === 1 ? 'range' : 'ranges'}` : joined(names);
  return { text, names, exact: more === 0, count, examples: names };
}

function namesIn(policy: Policy | undefined): [name: string, AddressSet][] {
  const internet = [INTERNET, INTERNET.and(IPV4), INTERNET.and(IPV6)];
  return [
    ...[...(policy?.hosts ?? [])].map(([name, prefix]): [string, AddressSet] => [name, AddressSet.of([prefix])]),
    ...[...(policy?.ipsets ?? [])].map(([name, prefixes]): [string, AddressSet] => [name, AddressSet.of(prefixes)]),
    ...internet.map((set): [string, AddressSet] => ['autogroup:internet', set]),
    ...[IPV4, IPV6, EVERYTHING].map((set): [string, AddressSet] => ['*', set]),
  ];
}
