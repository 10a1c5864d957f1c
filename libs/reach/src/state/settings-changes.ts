import type { DnsSettings, TailnetState } from '#tailnet';
import { listed, type StateChange } from './state-change.js';

const DAY = 86_400_000;

/** What became of the settings of the whole network, and of how it resolves names. */
export function* settingsChanges(before: TailnetState, after: TailnetState): Iterable<StateChange> {
  yield* differing('setting', settingsIn(before), settingsIn(after));
  yield* differing('dns', dnsIn(before.dns), dnsIn(after.dns));
}

type Words = Readonly<Record<string, string>>;

function* differing(about: StateChange['about'], before: Words, after: Words): Iterable<StateChange> {
  for (const subject of new Set([...Object.keys(after), ...Object.keys(before)])) {
    const [old, fresh] = [before[subject] ?? 'none', after[subject] ?? 'none'];
    if (old !== fresh) yield { about, subject, what: `is ${fresh}, was ${old}` };
  }
}

const settingsIn = ({ settings, tailnet }: TailnetState): Words => ({
  'name of the tailnet': tailnet?.name ?? 'none',
  'approval of new machines': settings.deviceApproval ? 'required' : 'not required',
  'lifetime of keys': settings.keyExpiry === null ? 'unlimited' : `${settings.keyExpiry / DAY} days`,
  'age at which keys are replaced': settings.keyRotation === null ? 'unlimited' : `${settings.keyRotation / DAY} days`,
  'pool of IPv4 addresses': settings.ipv4Pool,
});

const dnsIn = ({ magicDns, nameservers, searchDomains, splitDns, records }: DnsSettings): Words => ({
  'names of machines': magicDns ? 'resolved' : 'not resolved',
  nameservers: listed(nameservers),
  'search domains': listed(searchDomains),
  ...Object.fromEntries(Object.entries(splitDns).map(([domain, servers]) => [`names in ${domain}`, listed(servers)])),
  ...Object.fromEntries(records.map(({ name, type, value }) => [`record ${name} ${type} ${value}`, 'there'])),
});
