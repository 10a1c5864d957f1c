import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { NetfoldError } from '#kernel';

/** Programs, with the packages of Debian that they come with. */
const TOOLS = {
  ip: 'iproute2',
  ping: 'iputils-ping',
  iperf3: 'iperf3',
  wg: 'wireguard-tools',
  'wireguard-go': 'wireguard-go',
} as const;

/** @throws NetfoldError `bench.need_root`, `bench.no_tun`, `bench.missing_tool`, with what to do about it */
export function requireAll(programs: readonly string[]): void {
  if (process.getuid?.() !== 0) {
    const hint = 'run it as: sudo npm run bench:tunnel';
    throw new NetfoldError({ code: 'bench.need_root', message: 'namespaces and TUN devices need root', hint });
  }
  if (!existsSync('/dev/net/tun')) {
    const hint = 'load the module: modprobe tun';
    throw new NetfoldError({ code: 'bench.no_tun', message: 'this machine has no /dev/net/tun', hint });
  }
  for (const [tool, source] of Object.entries(TOOLS)) {
    if (isOnPath(tool)) continue;
    const hint = `install it: apt install ${source}`;
    throw new NetfoldError({ code: 'bench.missing_tool', message: `${tool} is not installed`, hint });
  }
  for (const program of programs) {
    if (isExecutable(program)) continue;
    const hint = '--peer takes the path of a wireguard-go program';
    throw new NetfoldError({ code: 'bench.missing_tool', message: `${program} is no program`, hint });
  }
}

const isOnPath = (tool: string): boolean =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, tool)));

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
