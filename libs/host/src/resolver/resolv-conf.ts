import { isIP } from 'node:net';
import type { ResolverSettings } from './system-resolver.js';

/** The first line of what we write, by which we know it again. */
const OURS = '# Written by netfold.';

/** The C library reads no more (resolv.conf(5)). */
const MAX_SEARCH = 6;

/** Whether a text of resolv.conf is one of ours. */
export const isOurs = (text: string): boolean => text.startsWith(OURS);

/** The nameservers of a text of resolv.conf(5). Scopes of link-local addresses are kept. */
export const nameserversOf = (text: string): readonly string[] =>
  linesOf(text, 'nameserver').filter((address) => isIP(address.split('%')[0] ?? '') !== 0);

/** @param before what was there; its options stay in force */
export function resolvConf({ nameserver, searchDomains }: ResolverSettings, before: string): string {
  const search = [...searchDomains, ...linesOf(before, 'search').flatMap((line) => line.split(/\s+/))];
  const lines = [
    `${OURS} What was here before comes back when netfold stops.`,
    `nameserver ${nameserver}`,
    ...(search.length > 0 ? [`search ${[...new Set(search)].slice(0, MAX_SEARCH).join(' ')}`] : []),
    ...linesOf(before, 'options').map((options) => `options ${options}`),
  ];
  return `${lines.join('\n')}\n`;
}

const linesOf = (text: string, keyword: string): string[] =>
  text.split('\n').flatMap((line) => {
    const [first, ...rest] = line.trim().split(/\s+/);
    return first === keyword && rest.length > 0 ? [rest.join(' ')] : [];
  });
