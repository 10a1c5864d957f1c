/** RFC 1035, 2.3.4 */
const MAX_LABEL = 63;

/** What machines append to their hostname on their own account. */
const LOCAL_SUFFIX = /\.(?:local|localdomain|lan|home|internal)\.?$/;

const FALLBACK = 'node';

/** Whether this is a host's label as RFC 1123, 2.1 has it, in lower case. */
export const isDnsLabel = (text: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(text);

/** The DNS label that comes nearest to what a machine calls itself: `Zoë's MacBook_Pro.local` → `zoes-macbook-pro`. */
export function dnsLabel(hostname: string): string {
  const plain = hostname
    .trim()
    .toLowerCase()
    .replace(LOCAL_SUFFIX, '')
    .normalize('NFKD')
    .replace(/[\p{M}'’]/gu, '');
  const label = plain
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, MAX_LABEL)
    .replace(/-$/, '');
  return label || FALLBACK;
}

/**
 * The label itself, or with the suffix -1, -2, … that makes it free. It tries 1, 2, 4, 8, … and halves the gap in front
 * of the first free one: a thousand machines of one name cost ten look-ups, not a thousand.
 */
export function freeLabel(label: string, isTaken: (label: string) => boolean): string {
  if (!isTaken(label)) return label;
  let free = 1;
  while (isTaken(numbered(label, free))) free *= 2;
  let taken = Math.floor(free / 2);
  while (free - taken > 1) {
    const middle = Math.floor((free + taken) / 2);
    if (isTaken(numbered(label, middle))) taken = middle;
    else free = middle;
  }
  return numbered(label, free);
}

/** Whether `freeLabel` gives this name to a node that asks for the label, when others have it. */
export function isNumbered(name: string, label: string): boolean {
  const [, number] = /-([1-9]\d*)$/.exec(name) ?? [];
  return number !== undefined && numbered(label, Number(number)) === name;
}

function numbered(label: string, number: number): string {
  const suffix = `-${number}`;
  return label.slice(0, MAX_LABEL - suffix.length).replace(/-+$/, '') + suffix;
}
