import { canonicalInterfaceAddress, canonicalPrefix, familyOf } from './canonical-prefix.js';
import { type InterfaceChange, makeChanges } from './interface-change.js';
import type { InterfaceSettings } from './interface-settings.js';
import { type InterfaceRoute, type InterfaceState, readInterface } from './interface-state.js';
import { type RunCommand, runCommand } from './run-command.js';
import { type RuleSettings, TUNNEL_TABLE, tunnelRuleChanges } from './tunnel-rules.js';

export interface LinuxInterfaceOptions {
  /** False leaves out everything of IPv6, for hosts where it is switched off; see `hasIpv6`. */
  readonly ipv6?: boolean;
  readonly run?: RunCommand;
}

/** Addresses, MTU and routes of an interface that is there already, by iproute2. */
export class LinuxInterface {
  readonly #ipv6: boolean;
  readonly #run: RunCommand;

  constructor(
    readonly name: string,
    { ipv6 = true, run = runCommand }: LinuxInterfaceOptions = {},
  ) {
    this.#ipv6 = ipv6;
    this.#run = run;
  }

  /**
   * Makes the interface just what the settings say, and brings it up. What is so already is not touched.
   * @throws NetfoldError `net.bad_prefix`, `host.no_ip_tool`, `host.need_root`, `host.command_failed`
   */
  async apply(settings: InterfaceSettings): Promise<void> {
    const wanted = this.#ipv6 ? settings : withoutIpv6(settings);
    const [state, rules] = await Promise.all([readInterface(this.name, this.#run), this.#ruleChanges(wanted)]);
    await makeChanges([...this.#linkChanges(state, wanted), ...rules], this.#run);
  }

  /** Takes away what outlives the interface itself. Its addresses and routes go with it. */
  async remove(): Promise<void> {
    await makeChanges(await this.#ruleChanges({ routes: [] }), this.#run);
  }

  #ruleChanges(settings: RuleSettings): Promise<InterfaceChange[]> {
    return tunnelRuleChanges(settings, this.#ipv6 ? [4, 6] : [4], this.#run);
  }

  // Narrowing first, and addresses before the routes that take their source from them.
  #linkChanges(state: InterfaceState, { addresses, mtu, routes }: InterfaceSettings): InterfaceChange[] {
    const wantedAddresses = new Set(addresses.map(canonicalInterfaceAddress));
    const wantedRoutes = [...new Set(routes.map(canonicalPrefix))].map(routeFor);
    const link = { mtu: state.mtu === mtu ? '' : ` mtu ${mtu}`, up: state.up ? '' : ' up' };
    return [
      ...without(state.routes, wantedRoutes).map((route) => this.#change('route delete', route.prefix, route.table)),
      ...[...state.addresses].filter(notIn(wantedAddresses)).map((address) => this.#change('address delete', address)),
      ...(link.mtu || link.up ? [{ family: 4, line: `link set dev ${this.name}${link.mtu}${link.up}` } as const] : []),
      ...[...wantedAddresses].filter(notIn(state.addresses)).map((address) => this.#change('address add', address)),
      ...without(wantedRoutes, state.routes).map((route) => this.#change('route add', route.prefix, route.table)),
    ];
  }

  #change(verb: string, prefix: string, table?: string): InterfaceChange {
    const options = table === undefined ? '' : ` table ${table}${verb === 'route add' ? ' proto static' : ''}`;
    return { family: familyOf(prefix), line: `${verb} ${prefix} dev ${this.name}${options}` };
  }
}

const routeFor = (prefix: string): InterfaceRoute => ({ prefix, table: TUNNEL_TABLE });

const without = (routes: readonly InterfaceRoute[], others: readonly InterfaceRoute[]): InterfaceRoute[] =>
  routes.filter(({ prefix, table }) => !others.some((other) => other.prefix === prefix && other.table === table));

const notIn =
  (set: ReadonlySet<string>) =>
  (text: string): boolean =>
    !set.has(text);

const isIpv4 = (prefix: string): boolean => familyOf(prefix) === 4;

const withoutIpv6 = ({ addresses, routes, bypass = [], ...rest }: InterfaceSettings): InterfaceSettings => ({
  ...rest,
  addresses: addresses.filter(isIpv4),
  routes: routes.filter(isIpv4),
  bypass: bypass.filter(isIpv4),
});
