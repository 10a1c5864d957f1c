import type { PortRange } from '../filter-rule.js';
import { hasPorts, ICMP, ICMPV6, TCP, UDP } from '../packet/protocol-numbers.js';
import type { Verdict } from '../verdict.js';
import type { CompiledRule } from './compiled-rule.js';
import { PortTable } from './port-table.js';

const DEFAULT_PROTOCOLS: readonly number[] = [TCP, UDP, ICMP, ICMPV6];

/** What some rules together permit: one lookup, however many rules. */
export class AccessTable {
  readonly #byProtocol = new Map<number, PortTable>();

  /** @param rules where several permit the same, the verdict names the one whose id sorts first */
  constructor(rules: readonly CompiledRule[]) {
    const lastFirst = rules.toSorted((a, b) => (a.rule.id < b.rule.id ? 1 : -1));
    for (const { rule, verdict } of lastFirst) {
      for (const protocol of rule.protocols.length > 0 ? rule.protocols : DEFAULT_PROTOCOLS) {
        this.#permit(protocol, rule.ports, verdict);
      }
    }
  }

  /** @param port the destination port, 0 for protocols without */
  at(protocol: number, port: number): Verdict | undefined {
    return this.#byProtocol.get(protocol)?.at(port);
  }

  #permit(protocol: number, ports: readonly PortRange[], verdict: Verdict): void {
    const table = this.#byProtocol.get(protocol) ?? new PortTable();
    this.#byProtocol.set(protocol, table);
    if (hasPorts(protocol)) for (const { first, last } of ports) table.paint(first, last, verdict);
    else if (isIcmp(protocol) ? ports.length > 0 : coverAll(ports)) table.paint(0, 0, verdict);
  }
}

const isIcmp = (protocol: number): boolean => protocol === ICMP || protocol === ICMPV6;

/** Whether the ranges leave out no port; port 0 is none that anybody uses. */
function coverAll(ports: readonly PortRange[]): boolean {
  let next = 1;
  for (const { first, last } of ports.toSorted((a, b) => a.first - b.first)) {
    if (first > next) return false;
    next = Math.max(next, last + 1);
  }
  return next === 65536;
}
