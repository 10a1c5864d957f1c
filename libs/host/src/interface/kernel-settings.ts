import { readFile } from 'node:fs/promises';
import type { Problem } from '#kernel';

const PROC = '/proc/sys/net';

/** Reads one setting of the kernel's network, such as `ipv4/ip_forward`; undefined when there is none. */
export type ReadSetting = (name: string) => Promise<string | undefined>;

const readSetting: ReadSetting = async (name) => {
  try {
    return (await readFile(`${PROC}/${name}`, 'utf8')).trim();
  } catch {
    return undefined; // not in this kernel, or not to be read: either way it is not on
  }
};

/** Whether new interfaces of this host may have IPv6 addresses. */
export async function hasIpv6(read: ReadSetting = readSetting): Promise<boolean> {
  return (await read('ipv6/conf/all/disable_ipv6')) === '0' && (await read('ipv6/conf/default/disable_ipv6')) === '0';
}

/** What keeps this host from forwarding the packets of a subnet router or exit node: nothing, or a problem per family. */
export async function forwardingProblems(
  families: { readonly ipv4: boolean; readonly ipv6: boolean },
  read: ReadSetting = readSetting,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  if (families.ipv4 && (await read('ipv4/ip_forward')) !== '1')
    problems.push(notForwarding('4', 'net.ipv4.ip_forward'));
  if (families.ipv6 && (await read('ipv6/conf/all/forwarding')) !== '1') {
    problems.push(notForwarding('6', 'net.ipv6.conf.all.forwarding'));
  }
  return problems;
}

const notForwarding = (version: string, setting: string): Problem => ({
  code: 'host.no_forwarding',
  message: `IPv${version} forwarding is off: packets for the advertised routes stop at this host`,
  where: setting,
  hint: `run: echo '${setting} = 1' | sudo tee -a /etc/sysctl.d/99-netfold.conf && sudo sysctl -p /etc/sysctl.d/99-netfold.conf`,
});

/** Whether the kernel would drop the answers that reach a host which uses an exit node (RFC 3704, strict mode). */
export async function reversePathProblem(read: ReadSetting = readSetting): Promise<Problem | undefined> {
  const [all, fallback] = [await read('ipv4/conf/all/rp_filter'), await read('ipv4/conf/default/rp_filter')];
  if (all === '2' || (all !== '1' && fallback !== '1')) return undefined;
  return {
    code: 'host.strict_reverse_path',
    message: 'the kernel drops packets whose answer would leave by another interface, as with an exit node they do',
    where: 'net.ipv4.conf.all.rp_filter',
    hint: "run: echo 'net.ipv4.conf.all.rp_filter = 2' | sudo tee -a /etc/sysctl.d/99-netfold.conf && sudo sysctl --system",
  };
}
