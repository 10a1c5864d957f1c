import { NetfoldError } from '#kernel';
import { makeChanges } from './interface-change.js';
import { parse } from './interface-state.js';
import { type RunCommand, runCommand } from './run-command.js';
import { SourceNat } from './source-nat.js';
import { tunnelRuleChanges } from './tunnel-rules.js';

/**
 * Takes back what a process has left behind that was killed: the rules that lead into the tunnel, what holds packets back
 * that an exit node was to have, and source NAT. The interface itself went with the process.
 * @returns what was there, as people may read it
 * @throws NetfoldError `host.interface_in_use` when the interface is there, since a process has it;
 * `host.no_ip_tool`, `host.need_root`, `host.command_failed`
 */
export async function removeLeftovers(
  interfaceName: string,
  { ipv6 = true, run = runCommand }: { readonly ipv6?: boolean; readonly run?: RunCommand } = {},
): Promise<readonly string[]> {
  const links = parse<{ readonly ifname: string }>(await run('ip', ['-json', 'link', 'show']));
  if (links.some(({ ifname }) => ifname === interfaceName)) throw inUse(interfaceName);
  const changes = await tunnelRuleChanges({ routes: [] }, ipv6 ? [4, 6] : [4], run);
  await makeChanges(changes, run);
  const removed = changes.map(({ family, line }) => `IPv${family} ${line.replace(' delete ', ': ')}`);
  if (!(await hasTable(interfaceName, run))) return removed;
  await new SourceNat(interfaceName, { run }).disable();
  return [...removed, `nftables table inet ${interfaceName}`];
}

interface NftListing {
  readonly nftables?: readonly { readonly table?: { readonly family: string; readonly name: string } }[];
}

/** Without nft there is none. */
async function hasTable(name: string, run: RunCommand): Promise<boolean> {
  try {
    const { nftables = [] } = JSON.parse(await run('nft', ['-j', 'list', 'tables'])) as NftListing;
    return nftables.some(({ table }) => table?.family === 'inet' && table.name === name);
  } catch (error) {
    if (error instanceof NetfoldError && error.code === 'host.no_nft_tool') return false;
    throw error;
  }
}

const inUse = (name: string): NetfoldError =>
  new NetfoldError({
    code: 'host.interface_in_use',
    message: `the interface ${name} is there, so a process has it: nothing was left behind`,
    where: name,
    hint: 'stop that agent, which takes everything back: netfold down',
  });
