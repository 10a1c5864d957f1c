import type { Problem } from '#kernel';
import { sameSettings } from '../dns/dns-settings.js';
import type { TailnetState } from '../state.js';
import type { ProposedCommand } from './change-commands.js';

/** Why what a change publishes whole would take back what somebody else has published since it was begun, if so. */
export function badBase(
  state: TailnetState,
  commands: readonly ProposedCommand[],
  baseRevision: number,
): Problem | undefined {
  if (!Number.isSafeInteger(baseRevision) || baseRevision > state.revision) {
    return { code: 'change.bad_base', message: `there is no revision ${baseRevision} yet`, where: 'baseRevision' };
  }
  return stalePolicy(state, commands, baseRevision) ?? staleDns(state, commands, baseRevision);
}

function stalePolicy({ policy }: TailnetState, commands: readonly ProposedCommand[], base: number) {
  const first = commands.find(({ type }) => type === 'PublishAcl');
  if (policy.revision <= base || first?.type !== 'PublishAcl' || first.data.text === policy.text) return undefined;
  return {
    code: 'policy.stale_base',
    message: `the policy was edited at revision ${policy.revision}; this edit began at ${base}`,
    where: 'baseRevision',
    hint: 'merge both edits: netfold change propose --merge, or netfold change renew',
  };
}

function staleDns({ dns, dnsRevision }: TailnetState, commands: readonly ProposedCommand[], base: number) {
  const first = commands.find(({ type }) => type === 'ConfigureDns');
  if (dnsRevision <= base || first?.type !== 'ConfigureDns' || sameSettings(first.data, dns)) return undefined;
  return {
    code: 'dns.stale_base',
    message: `the DNS settings were changed at revision ${dnsRevision}; this edit began at ${base}`,
    where: 'baseRevision',
    hint: 'propose it again, on the settings as they are: netfold dns show',
  };
}
