import { type Answer, decode, encode } from 'dns-packet';
import type { Clock } from '#kernel';
import { AnswerCache, keyOf, readdressed } from './answer-cache.js';
import { type NameRoutes, nameserversFor } from './name-routes.js';
import { type Query, readQuery } from './query.js';
import { errorReply, fitted, refusalReply, zoneReply } from './reply.js';
import { outline } from './walk.js';
import { FLAG, HEADER_BYTES, putU16, RCODE, u16 } from './wire.js';
import type { Zone } from './zone.js';

/**
 * Asks a nameserver, which is named as the settings name it, and gives its answer to this very question. Ids are the
 * exchange's own business: it sends one that nobody can guess and takes no answer with another.
 * Rejects when there is none in reasonable time.
 */
export type Exchange = (nameserver: string, question: Uint8Array) => Promise<Uint8Array>;

export interface ResolverPorts {
  readonly exchange: Exchange;
  readonly clock: Clock;
}

/** A nameserver that did not answer is asked last for so long, in milliseconds. */
const SHUNNED_FOR = 10_000;

/** So many questions may wait for others at a time; beyond that there is a circle, or somebody with bad intentions. */
const MAX_WAITING = 512;

/** So many answers of others are kept. */
const CACHED = 4_096;

const NOBODY: NameRoutes = { nameservers: [], domains: [] };

/** Answers for the nodes of the tailnet out of the zone, and asks others about everything else. */
export class Resolver {
  #routes = NOBODY;
  readonly #cache = new AnswerCache(CACHED);
  readonly #waiting = new Map<string, Promise<Uint8Array>>();
  /** Nameserver → until when it is asked last. */
  readonly #shunned = new Map<string, number>();

  constructor(
    readonly zone: Zone,
    private readonly ports: ResolverPorts,
  ) {}

  /** From now on these are asked about other names. What the ones before said is forgotten. */
  route(routes: NameRoutes): void {
    this.#routes = routes;
    this.#cache.clear();
    this.#shunned.clear();
  }

  /** The answer to a message, ready to send; undefined when it deserves none. Never rejects. */
  async answer(message: Uint8Array, transport: 'udp' | 'tcp'): Promise<Uint8Array | undefined> {
    const query = readQuery(message);
    if ('rcode' in query) return query.rcode === undefined ? undefined : refusalReply(message, query.rcode);
    const reply = await this.#reply(query);
    return transport === 'udp' ? fitted(reply, query) : reply;
  }

  async #reply(query: Query): Promise<Uint8Array> {
    const own = this.zone.lookup(query.name, query.type);
    if (!own) return this.#fromOthers(query);
    const more = own.continueAt === undefined ? [] : await this.#behindAlias(query, own.continueAt);
    return zoneReply(query, own, this.zone.domain, more);
  }

  /** What others say about the name that one of our aliases leads to. */
  async #behindAlias({ type }: Query, name: string): Promise<readonly Answer[]> {
    const message = encode({ type: 'query', flags: FLAG.recursionDesired, questions: [{ type: 'A', name }] });
    putU16(message, message.length - 4, type);
    const target = readQuery(message);
    if ('rcode' in target) return [];
    try {
      return decode(Buffer.from(await this.#fromOthers(target))).answers ?? [];
    } catch {
      return []; // what cannot be read is not passed on under our name
    }
  }

  /** Equal questions that come while the first one waits get the same answer: so a circle ends in silence, not in a storm. */
  async #fromOthers(query: Query): Promise<Uint8Array> {
    const nameservers = nameserversFor(this.#routes, query.name);
    if (nameservers.length === 0) return errorReply(query, RCODE.refused);
    const cached = this.#cache.get(query, this.ports.clock.now());
    if (cached) return cached;
    const key = keyOf(query);
    const waiting = this.#waiting.get(key);
    if (!waiting && this.#waiting.size >= MAX_WAITING) return errorReply(query, RCODE.serverFailure);
    const asked = waiting ?? this.#ask(query, nameservers).finally(() => this.#waiting.delete(key));
    if (!waiting) this.#waiting.set(key, asked);
    return readdressed(await asked, query);
  }

  async #ask(query: Query, nameservers: readonly string[]): Promise<Uint8Array> {
    let last = errorReply(query, RCODE.serverFailure);
    for (const nameserver of this.#inOrder(nameservers)) {
      try {
        const reply = await this.ports.exchange(nameserver, query.message);
        if (!answers(reply, query)) throw new Error(`${nameserver} answered another question`);
        last = reply;
      } catch {
        this.#shunned.set(nameserver, this.ports.clock.now() + SHUNNED_FOR);
        continue;
      }
      if (saysSomething(last)) {
        this.#cache.put(query, last, this.ports.clock.now());
        return last;
      }
    }
    return last;
  }

  #inOrder(nameservers: readonly string[]): readonly string[] {
    const now = this.ports.clock.now();
    const shunned = (nameserver: string) => (this.#shunned.get(nameserver) ?? 0) > now;
    return [...nameservers.filter((one) => !shunned(one)), ...nameservers.filter(shunned)];
  }
}

/** Whether a reply is one to this question: spelled alike but for upper and lower case, and whole. */
function answers(reply: Uint8Array, { message, questionEnd }: Query): boolean {
  if (reply.length < questionEnd || !(u16(reply, 2) & FLAG.response) || !outline(reply)) return false;
  const nameEnd = questionEnd - 4;
  return message
    .subarray(HEADER_BYTES, questionEnd)
    .every(
      (byte, i) =>
        byte === reply[HEADER_BYTES + i] || (HEADER_BYTES + i < nameEnd && sameLetter(byte, reply[HEADER_BYTES + i])),
    );
}

const sameLetter = (a: number, b = 0): boolean => (a | 32) === (b | 32) && (a | 32) >= 97 && (a | 32) <= 122;

function saysSomething(reply: Uint8Array): boolean {
  const rcode = u16(reply, 2) & 15;
  return rcode === RCODE.noError || rcode === RCODE.noSuchName;
}
