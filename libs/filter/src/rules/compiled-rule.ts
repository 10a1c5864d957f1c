import { NetfoldError } from '#kernel';
import { type Prefix, parsePrefix } from '#net';
import type { FilterRule } from '../filter-rule.js';
import { permittedBy, type Verdict } from '../verdict.js';

/** A rule with its selectors sorted by kind and its prefixes parsed. */
export interface CompiledRule {
  readonly rule: FilterRule;
  /** Distinct for distinct contents, never used again. */
  readonly serial: number;
  readonly verdict: Verdict;
  readonly fromAny: boolean;
  readonly fromSameUser: boolean;
  readonly fromLabels: ReadonlySet<string>;
  readonly fromPrefixes: readonly Prefix[];
  /** Undefined for this node's own addresses. */
  readonly to: Prefix | undefined;
}

/** @throws NetfoldError `net.bad_prefix`, `filter.bad_ports`, `filter.bad_protocol` */
export function compileRule(rule: FilterRule, serial: number): CompiledRule {
  checkNumbers(rule);
  return {
    rule,
    serial,
    verdict: permittedBy(rule.id),
    fromAny: rule.src.some(({ kind }) => kind === 'any'),
    fromSameUser: rule.src.some(({ kind }) => kind === 'same-user'),
    fromLabels: new Set(rule.src.flatMap((from) => (from.kind === 'label' ? [from.label] : []))),
    fromPrefixes: rule.src.flatMap((from) => (from.kind === 'prefix' ? [parsePrefix(from.prefix)] : [])),
    to: rule.dst.kind === 'prefix' ? parsePrefix(rule.dst.prefix) : undefined,
  };
}

/** Equal for rules that mean the same. */
export const contentOf = ({ src, dst, sameUser, protocols, ports }: FilterRule): string =>
  JSON.stringify([
    src.map((from) =>
      from.kind === 'label' ? ['l', from.label] : from.kind === 'prefix' ? ['p', from.prefix] : from.kind,
    ),
    dst.kind === 'prefix' ? dst.prefix : '',
    sameUser === true,
    protocols,
    ports.map(({ first, last }) => [first, last]),
  ]);

function checkNumbers({ id, ports, protocols }: FilterRule): void {
  const badPorts = ports.find(({ first, last }) => !isBetween(first, 0, last) || !isBetween(last, first, 65535));
  if (badPorts) {
    throw new NetfoldError({
      code: 'filter.bad_ports',
      message: `${badPorts.first}-${badPorts.last} is not a range of ports`,
      where: `rule ${id}`,
      hint: 'use whole numbers from 0 to 65535, the smaller one first',
    });
  }
  const badProtocol = protocols.find((protocol) => !isBetween(protocol, 0, 255));
  if (badProtocol === undefined) return;
  throw new NetfoldError({
    code: 'filter.bad_protocol',
    message: `${badProtocol} is not a protocol number`,
    where: `rule ${id}`,
    hint: 'use an IANA protocol number from 0 to 255',
  });
}

const isBetween = (value: number, low: number, high: number): boolean =>
  Number.isInteger(value) && value >= low && value <= high;
