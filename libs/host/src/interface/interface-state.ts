import { canonicalInterfaceAddress, canonicalPrefix } from './canonical-prefix.js';
import type { RunCommand } from './run-command.js';

/** What the kernel says of an interface; prefixes in canonical text. */
export interface InterfaceState {
  readonly addresses: ReadonlySet<string>;
  readonly mtu: number;
  readonly up: boolean;
  /** Those that programs added, by routing table; the kernel's own are left out. */
  readonly routes: readonly InterfaceRoute[];
}

export interface InterfaceRoute {
  readonly prefix: string;
  readonly table: string;
}

interface AddressJson {
  readonly mtu: number;
  readonly flags: readonly string[];
  readonly addr_info: readonly { readonly local: string; readonly prefixlen: number; readonly scope: string }[];
}

interface RouteJson {
  readonly dst: string;
  readonly table?: string;
  readonly protocol?: string;
}

/** @throws NetfoldError `host.command_failed` when there is no such interface */
export async function readInterface(name: string, run: RunCommand): Promise<InterfaceState> {
  const [json, four, six] = await Promise.all([
    run('ip', ['-json', 'address', 'show', 'dev', name]),
    readRoutes(4, name, run),
    readRoutes(6, name, run),
  ]);
  const [state] = parse<AddressJson>(json);
  const addresses = state?.addr_info.filter(({ scope }) => scope !== 'link') ?? [];
  return {
    addresses: new Set(addresses.map(({ local, prefixlen }) => canonicalInterfaceAddress(`${local}/${prefixlen}`))),
    mtu: state?.mtu ?? 0,
    up: state?.flags.includes('UP') ?? false,
    routes: [...four, ...six],
  };
}

async function readRoutes(family: 4 | 6, name: string, run: RunCommand): Promise<InterfaceRoute[]> {
  const json = await run('ip', [`-${family}`, '-json', 'route', 'show', 'table', 'all', 'dev', name]);
  return parse<RouteJson>(json)
    .filter(({ protocol }) => protocol !== 'kernel')
    .map(({ dst, table = 'main' }) => ({
      prefix: dst === 'default' ? defaultRoute(family) : canonicalPrefix(dst),
      table,
    }));
}

export const defaultRoute = (family: 4 | 6): string => (family === 4 ? '0.0.0.0/0' : '::/0');

/** What `ip -json` wrote: nothing at all for an empty list in some of its commands. */
export const parse = <T>(json: string): T[] => (json.trim() === '' ? [] : (JSON.parse(json) as T[]));
