import { type Answer, encode } from 'dns-packet';
import type { Query } from './query.js';
import { outline } from './walk.js';
import { CLASSIC_UDP_BYTES, FLAG, HEADER_BYTES, MAX_UDP_BYTES, putU16, RCODE, type Rcode, u16 } from './wire.js';
import type { ZoneAnswer } from './zone.js';

/** Machines come and go, and their names with them. Seconds. */
const TTL = 60;

/**
 * An answer from the zone itself. A negative one says by a SOA record for how long it holds (RFC 2308, 3).
 * @param more what others said about the name that an alias leads to
 */
export function zoneReply(
  query: Query,
  { rcode, records }: ZoneAnswer,
  domain: string,
  more: readonly Answer[] = [],
): Uint8Array {
  const answers = [
    ...records.map(({ name, type, data }): Answer => ({ name, type, data, ttl: TTL }) as Answer),
    ...more,
  ];
  const negative = answers.length === 0;
  const sections = encode({
    type: 'response',
    questions: [],
    answers,
    authorities: negative ? [soa(domain)] : [],
  });
  const reply = joined(query, sections.subarray(HEADER_BYTES), FLAG.authoritative, rcode);
  putU16(reply, 6, answers.length);
  putU16(reply, 8, negative ? 1 : 0);
  return reply;
}

const soa = (domain: string): Answer => ({
  name: domain,
  type: 'SOA',
  ttl: TTL,
  data: {
    mname: domain,
    rname: `hostmaster.${domain}`,
    serial: 1,
    refresh: 3_600,
    retry: 600,
    expire: 86_400,
    minimum: TTL,
  },
});

/** An answer that says only what went wrong. */
export const errorReply = (query: Query, rcode: Rcode): Uint8Array => joined(query, NOTHING, 0, rcode);

/** To a message that could not be read, as far as it has an id. */
export function refusalReply(message: Uint8Array, rcode: Rcode): Uint8Array {
  const parts = outline(message);
  const reply = new Uint8Array(parts ? parts.questionEnd : HEADER_BYTES);
  reply.set(message.subarray(0, reply.length));
  header(reply, message, 0, rcode);
  putU16(reply, 4, parts ? 1 : 0);
  return rcode === RCODE.badVersion ? withOpt(reply, rcode) : reply;
}

const NOTHING = new Uint8Array(0);

function joined(query: Query, sections: Uint8Array, flags: number, rcode: Rcode): Uint8Array {
  const reply = new Uint8Array(query.questionEnd + sections.length);
  reply.set(query.message.subarray(0, query.questionEnd));
  reply.set(sections, query.questionEnd);
  header(reply, query.message, flags, rcode);
  return query.edns ? withOpt(reply, rcode) : reply;
}

/** The asker's id, opcode and wishes; one question and nothing else. */
function header(reply: Uint8Array, message: Uint8Array, flags: number, rcode: Rcode): void {
  const kept = u16(message, 2) & (0x7800 | FLAG.recursionDesired | FLAG.checkingDisabled);
  putU16(reply, 2, kept | FLAG.response | FLAG.recursionAvailable | flags | (rcode & 15));
  putU16(reply, 4, 1);
  reply.fill(0, 6, HEADER_BYTES);
}

/** RFC 6891, 6.1.2: root name, type OPT, our datagram size, the upper bits of the return code, version 0, no flags, no data. */
function withOpt(reply: Uint8Array, rcode: Rcode): Uint8Array {
  const whole = new Uint8Array(reply.length + 11);
  whole.set(reply);
  whole.set([0, 0, 41, MAX_UDP_BYTES >> 8, MAX_UDP_BYTES & 255, rcode >> 4, 0, 0, 0, 0, 0], reply.length);
  putU16(whole, 10, u16(whole, 10) + 1);
  return whole;
}

/** The reply as it goes into a datagram: without its records, and saying so, when it is too long (RFC 2181, 9). */
export function fitted(reply: Uint8Array, query: Query): Uint8Array {
  if (reply.length <= Math.min(query.edns?.udpBytes ?? CLASSIC_UDP_BYTES, MAX_UDP_BYTES)) return reply;
  const short = joined(query, NOTHING, FLAG.truncated, RCODE.noError);
  putU16(short, 2, u16(short, 2) | (u16(reply, 2) & (FLAG.authoritative | 15)));
  return short;
}
