import type { Query } from './query.js';
import { outline, type RecordPlace } from './walk.js';
import { FLAG, putU16, putU32, RCODE, TYPE, u16, u32 } from './wire.js';

/** Seconds. Longer promises are not believed (RFC 8767, 4; RFC 2308, 5). */
const MAX_TTL = 86_400;
const MAX_NEGATIVE_TTL = 3_600;

interface Entry {
  readonly reply: Uint8Array;
  readonly ttlFields: readonly number[];
  /** Milliseconds since the Unix epoch. */
  readonly storedAt: number;
  readonly expiresAt: number;
}

/** Answers of others, for as long as they hold. Bounded: what was used longest ago goes first. */
export class AnswerCache {
  /** In order of use. */
  readonly #entries = new Map<string, Entry>();

  /** @param capacity how many answers are kept */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.#entries.size;
  }

  /** The answer to the question as this asker spelled it, its times to live reduced by its age. */
  get(query: Query, now: number): Uint8Array | undefined {
    const key = keyOf(query);
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt <= now) return undefined;
    this.#entries.set(key, entry);
    const reply = readdressed(entry.reply, query);
    const age = Math.floor((now - entry.storedAt) / 1_000);
    for (const at of entry.ttlFields) putU32(reply, at, Math.max(0, u32(reply, at) - age));
    return reply;
  }

  put(query: Query, reply: Uint8Array, now: number): void {
    const records = outline(reply)?.records.filter(({ type }) => type !== TYPE.opt);
    const seconds = records && lifetime(reply, records);
    if (!records || !seconds) return;
    const key = keyOf(query);
    this.#entries.delete(key);
    const ttlFields = records.map(({ ttlAt }) => ttlAt);
    this.#entries.set(key, { reply: reply.slice(), ttlFields, storedAt: now, expiresAt: now + seconds * 1_000 });
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > this.capacity && oldest !== undefined) this.#entries.delete(oldest);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** An answer to somebody else's question, as one to this question: the same but for the id and the spelling of the name. */
export function readdressed(reply: Uint8Array, { message, questionEnd }: Query): Uint8Array {
  const own = reply.slice();
  own.set(message.subarray(0, 2));
  own.set(message.subarray(12, questionEnd), 12);
  const asked = FLAG.recursionDesired | FLAG.checkingDisabled;
  putU16(own, 2, (u16(own, 2) & ~asked) | (u16(message, 2) & asked));
  return own;
}

/** What makes two questions the same for whoever answers them. */
export const keyOf = ({ name, type, edns, message }: Query): string =>
  `${name} ${type} ${edns === undefined ? '' : edns.dnssec ? 'D' : 'E'}${u16(message, 2) & FLAG.checkingDisabled ? 'C' : ''}`;

/** For how many seconds an answer may be used again; 0: not at all. */
function lifetime(reply: Uint8Array, records: readonly RecordPlace[]): number {
  const rcode = u16(reply, 2) & 15;
  if (u16(reply, 2) & FLAG.truncated) return 0;
  if (rcode === RCODE.noError && u16(reply, 6) > 0) {
    const answers = records.filter(({ section }) => section === 'answer');
    return Math.min(MAX_TTL, ...answers.map(believable));
  }
  if (rcode !== RCODE.noError && rcode !== RCODE.noSuchName) return 0;
  // RFC 2308, 5: without a SOA record, nobody knows for how long there is nothing.
  const soa = records.find(({ section, type }) => section === 'authority' && type === TYPE.soa);
  if (!soa || soa.dataLength < 22) return 0;
  return Math.min(MAX_NEGATIVE_TTL, believable(soa), u32(reply, soa.dataAt + soa.dataLength - 4));
}

/** A number with its highest bit set means zero (RFC 2181, 8). */
const believable = ({ ttl }: RecordPlace): number => (ttl > 0x7fffffff ? 0 : ttl);
