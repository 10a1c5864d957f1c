import type { PortRange } from '../compile/rule.js';

export const ALL_PORTS: PortRange = { first: 0, last: 65_535 };

export const isAllPorts = (ports: readonly PortRange[]): boolean =>
  ports.length === 1 && ports[0]?.first === 0 && ports[0].last === 65_535;

/**
 * The ranges of `22`, `80,443`, `8000-8100` or `*`; or what is wrong with the text, in the words of the reference
 * (github.com/juanfont/headscale hscontrol/policy/v2/utils.go quotes them).
 */
export function parsePorts(text: string): readonly PortRange[] | string {
  if (text === '*') return [ALL_PORTS];
  const ranges: PortRange[] = [];
  for (const part of text.split(',')) {
    const ends = part.split('-').filter((end) => end !== '');
    if (part.includes('-') ? ends.length !== 2 : ends.length !== 1)
      return part ? 'invalid port range format' : NO_NUMBER;
    if (!ends.every((end) => /^\d+$/.test(end))) return NO_NUMBER;
    const [first, last] = [Number(ends[0]), Number(ends.at(-1))];
    if (first > 65_535 || last > 65_535) return 'port number out of range';
    if (first > last) return 'invalid port range: first port is greater than last port';
    if (ends.length === 1 && first === 0) return "first port must be >0, or use '*' for wildcard";
    ranges.push({ first, last });
  }
  return ranges;
}

const NO_NUMBER = 'invalid first integer';

/** `22`, `80-90` or `*`. */
export function formatPorts(range: PortRange): string {
  if (isAllPorts([range])) return '*';
  return range.first === range.last ? String(range.first) : `${range.first}-${range.last}`;
}
