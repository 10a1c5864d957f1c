import { setTimeout as pause } from 'node:timers/promises';
import type { Dice } from '#sim';
import type { Order, OrderAnswer, Try, TryResult } from '../history/history.js';
import { READ_PATHS, readFrom } from './read-from.js';
import type { Answer } from './replica-api.js';
import { randomWish, type Wish } from './wish.js';
import type { Workplace } from './workplace.js';

/** How likely an admin is, after no answer, to leave it at that. */
const GIVES_UP = 0.15;
/** How likely it is that an order goes out twice at once, to two replicas. */
const TWICE = 0.1;
/** How likely an order is only to be carried out at the revision that the admin knows. */
const CONDITIONAL = 0.05;
const READS = 0.3;
const MAX_TRIES = 8;
const THINKING_MS = 120;
const BETWEEN_TRIES_MS = 300;

/** What a replica says that has done nothing, and that may do it when it is asked again. */
const TRY_AGAIN = new Set(['conflict.contention']);

/** Somebody who orders one thing after the other at any replica, repeats what was not answered, and reads in between. */
export class Admin {
  /** The newest revision that this admin was told of. */
  #revision = -1;
  #serial = 0;
  #working: Promise<void> = Promise.resolve();
  #stopped = true;

  constructor(
    private readonly name: string,
    private readonly place: Workplace,
    private readonly dice: Dice,
  ) {}

  work(): void {
    this.#stopped = false;
    this.#working = this.#work();
  }

  /** Answers when the order at hand has come to an end. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    while (!this.#stopped) {
      if (this.dice.chance(READS)) await this.#read();
      else await this.#order();
      await pause(this.dice.below(THINKING_MS));
    }
  }

  async #order(): Promise<void> {
    const mark = `${this.name}-${this.#serial++}`;
    const wish = randomWish(mark, this.place.stock, this.dice);
    const key = `key of ${mark}`;
    const tries: Try[] = [];
    const answers: OrderAnswer[] = [];
    const isConditional = this.#revision >= 0 && this.dice.chance(CONDITIONAL);
    const headers = { 'idempotency-key': key, ...(isConditional && { 'if-match': `"${this.#revision}"` }) };
    const send = async () => {
      const [one, answer] = await this.#try(wish, headers);
      tries.push(one);
      if (answer) answers.push(answer);
    };
    this.place.wanted(wish);
    await Promise.all(this.dice.chance(TWICE) ? [send(), send()] : [send()]);
    while (!isSettled(tries) && tries.length < MAX_TRIES && !this.dice.chance(GIVES_UP)) {
      await pause(BETWEEN_TRIES_MS);
      await send();
    }
    const order = orderOf(wish, this.place.commandId(key), `${wish.method} ${wish.path} (${mark})`, tries, answers);
    this.#revision = Math.max(this.#revision, order.answer?.revision ?? -1);
    this.place.ended(wish, order);
  }

  async #try(wish: Wish, headers: Readonly<Record<string, string>>): Promise<[Try, OrderAnswer | undefined]> {
    const replica = this.dice.below(this.place.replicas.length);
    const sentAt = Date.now();
    const answer = await this.place.replicas[replica]?.call(wish.method, wish.path, wish.body, headers);
    const result = resultOf(answer);
    const code = answer?.code;
    const one = { replica, sentAt, endedAt: Date.now(), result, ...(code !== undefined && { code }) };
    if (result !== 'done' || !answer) return [one, undefined];
    const { revision, events = [] } = answer.body as { revision: number; events?: { id: string }[] };
    if (typeof answer.body.changeId === 'string') this.place.proposed(answer.body.changeId);
    return [
      { ...one, revision },
      { revision, eventIds: events.map(({ id }) => id) },
    ];
  }

  async #read(): Promise<void> {
    const number = this.dice.below(this.place.replicas.length);
    const replica = this.place.replicas[number];
    const read = replica && (await readFrom(replica, number, this.dice.pick(READ_PATHS), this.#revision));
    this.place.read(read);
    this.#revision = Math.max(this.#revision, read?.revision ?? -1);
  }
}

/** An answer of the 500s says nothing for sure: the command may be under way still. */
function resultOf(answer: Answer | undefined): TryResult {
  if (!answer || answer.status >= 500) return 'unknown';
  return answer.status < 300 ? 'done' : 'refused';
}

const isSettled = (tries: readonly Try[]): boolean =>
  tries.some(({ result, code }) => result === 'done' || (result === 'refused' && !TRY_AGAIN.has(code ?? '')));

function orderOf(
  { event, leaves, mark, removes }: Wish,
  commandId: string,
  what: string,
  tries: readonly Try[],
  answers: readonly OrderAnswer[],
): Order {
  const answer = answers.find(({ eventIds }) => eventIds.length > 0) ?? answers[0];
  return {
    commandId,
    what,
    event,
    leaves,
    mark,
    tries,
    ...(removes !== undefined && { removes }),
    ...(answer && { answer }),
  };
}
