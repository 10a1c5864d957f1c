import { fromUtf8 } from '#kernel';
import { type Outline, outline } from './walk.js';
import { CLASS_IN, CLASSIC_UDP_BYTES, FLAG, HEADER_BYTES, RCODE, type Rcode, TYPE, u16 } from './wire.js';

/** A question that can be answered. */
export interface Query {
  readonly message: Uint8Array;
  readonly questionEnd: number;
  /** In lower case, without the trailing dot; '' is the root. */
  readonly name: string;
  readonly type: number;
  /** What the asker says about itself (RFC 6891); undefined: it does not know extensions. */
  readonly edns: { readonly udpBytes: number; readonly dnssec: boolean } | undefined;
}

/** A message that is not worth an answer, or only one that says why not. */
export interface Unanswerable {
  /** Undefined: no answer at all. */
  readonly rcode: Rcode | undefined;
}

const OPCODE = 0x7800;
const DNSSEC_OK = 0x8000;

/** Reads what somebody asks. Never throws: whatever cannot be answered says so. */
export function readQuery(message: Uint8Array): Query | Unanswerable {
  // An answer to an answer could go on forever.
  if (message.length < HEADER_BYTES || u16(message, 2) & FLAG.response) return { rcode: undefined };
  if (u16(message, 2) & OPCODE) return { rcode: RCODE.notImplemented };
  const parts = outline(message);
  if (!parts || u16(message, 6) > 0 || u16(message, 8) > 0) return { rcode: RCODE.formatError };
  const name = questionName(message);
  if (name === undefined) return { rcode: RCODE.formatError };
  if (u16(message, parts.questionEnd - 2) !== CLASS_IN) return { rcode: RCODE.refused };
  const edns = ednsOf(parts);
  if (edns === 'malformed') return { rcode: RCODE.formatError };
  if (edns && edns.version !== 0) return { rcode: RCODE.badVersion };
  return { message, questionEnd: parts.questionEnd, name, type: u16(message, parts.questionEnd - 4), edns };
}

/** At most one OPT record, among the additional ones (RFC 6891, 6.1.1). */
function ednsOf({ records }: Outline): (NonNullable<Query['edns']> & { version: number }) | undefined | 'malformed' {
  const [opt, second] = records.filter(({ type }) => type === TYPE.opt);
  if (second) return 'malformed';
  if (!opt) return undefined;
  return {
    udpBytes: Math.max(opt.class, CLASSIC_UDP_BYTES),
    dnssec: (opt.ttl & DNSSEC_OK) !== 0,
    version: (opt.ttl >>> 16) & 0xff,
  };
}

/** Questions are not compressed; a name with other than printable characters belongs to nobody we know, but may be asked for. */
function questionName(message: Uint8Array): string | undefined {
  const labels: string[] = [];
  for (let at = HEADER_BYTES; ; ) {
    const length = message[at] as number;
    if (length === 0) return labels.join('.').toLowerCase();
    if (length > 63) return undefined;
    labels.push(labelText(message.subarray(at + 1, at + 1 + length)));
    at += length + 1;
  }
}

/** A dot within a label must not look like the end of one. */
function labelText(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes).replaceAll('\\', '\\\\').replaceAll('.', '\\.');
  } catch {
    return Array.from(bytes, (byte) => `\\${byte.toString().padStart(3, '0')}`).join('');
  }
}
