import type { DnsSettings, TailnetState } from '#tailnet';
import { listed, type StateChange } from './state-change.js';

const DAY = 86_400_000;

/** What became of the settings of the whole network, of whose approval commands need, and of how names are resolved. */
export function* settingsChanges(before: TailnetState, after: TailnetState): Iterable<StateChange> {
  yield* differing('setting', settingsIn(before), settingsIn(after));
  yield* differing('setting', approvalsIn(before), approvalsIn(after));
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

/** What each command needs that a rule names. */
function approvalsIn({ changes: { rules } }: TailnetState): Words {
  const words: Record<string, string> = {};
  for (const { commands, approvals, role } of rules) {
    for (const command of commands) {
      const subject = `approvals for ${command}`;
      const needed = `${approvals} by ${role} or above`;
      words[subject] = words[subject] === undefined ? needed : `${words[subject]} and ${needed}`;
    }
  }
  return words;
}

const dnsIn = ({ magicDns, nameservers, searchDomains, splitDns, records }: DnsSettings): Words => ({
  'names of machines': magicDns ? 'resolved' : 'not resolved',
  nameservers: listed(nameservers),
  'search domains': listed(searchDomains),
  ...Object.fromEntries(Object.entries(splitDns).map(([domain, servers]) => [`names in ${domain}`, listed(servers)])),
  ...Object.fromEntries(records.map(({ name, type, value }) => [`record ${name} ${type} ${value}`, 'there'])),
});
