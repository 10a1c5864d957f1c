import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Dice } from '#sim';
import type { ControlProcess } from './control-process.js';
import { type Order, randomOrder, type Stock } from './orders.js';

/** What the server said to an order. */
export interface Answer {
  readonly revision: number;
  readonly events?: readonly { readonly id: string; readonly revision: number }[];
  /** The text of an auth key. */
  readonly key?: string;
}

/** An order, and what became of it as far as the admin knows. */
export interface Sent {
  readonly order: Order;
  readonly idempotencyKey: string;
  /** When it was sent first, and answered, by the count of such moments in the whole run. */
  readonly sentAt: number;
  answeredAt?: number;
  answer?: Answer;
  attempts: number;
}

/** Counts moments, so that it is known what came before what. */
export class Moments {
  #last = 0;
  #answers = 0;
  #waiting: { readonly answers: number; readonly resolve: () => void } | undefined;

  next(): number {
    return ++this.#last;
  }

  answered(): number {
    this.#answers += 1;
    if (this.#waiting && this.#answers >= this.#waiting.answers) this.#waiting.resolve();
    return this.next();
  }

  /** Resolves after so many more answers. */
  async answers(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting = { answers: this.#answers + count, resolve };
    await promise;
  }
}

/** Of the orders that got no answer, some are given up: the admin will never know what became of them. */
const GIVEN_UP = 0.3;

/** Somebody who gives one order after another, and repeats those that were not answered. */
export class Admin {
  readonly sent: Sent[] = [];
  #done = false;

  constructor(
    readonly name: string,
    private readonly control: ControlProcess,
    private readonly stock: Stock,
    private readonly dice: Dice,
    private readonly moments: Moments,
  ) {}

  /** Works until `stop`. */
  async work(): Promise<void> {
    while (!this.#done) {
      const mark = `${this.name}-${this.sent.length}`;
      const order = randomOrder(mark, this.stock, this.dice);
      const sent: Sent = { order, idempotencyKey: `key of ${mark}`, sentAt: this.moments.next(), attempts: 0 };
      this.sent.push(sent);
      await this.#insist(sent);
    }
  }

  /** Makes the order at hand the last one. */
  stop(): void {
    this.#done = true;
  }

  async #insist(sent: Sent): Promise<void> {
    for (;;) {
      sent.attempts += 1;
      const answer = await attempt(this.control, sent);
      if (answer) {
        sent.answer = answer;
        sent.answeredAt = this.moments.answered();
        return;
      }
      if (this.dice.chance(GIVEN_UP)) return;
      await nextTurn();
    }
  }
}

/** Sends an order; undefined when the server died over it. */
export async function attempt(control: ControlProcess, { order, idempotencyKey }: Sent): Promise<Answer | undefined> {
  const { httpUrl } = await control.ready;
  const isText = typeof order.body === 'string';
  let status: number;
  let text: string;
  try {
    const response = await fetch(`${httpUrl}/api/v1/tailnets/-/${order.path}`, {
      method: order.method,
      headers: {
        authorization: `Bearer ${control.token}`,
        'content-type': isText ? 'application/hujson' : 'application/json',
        'idempotency-key': idempotencyKey,
        // What others have written meanwhile is replaced: who wins is for the ledger to say.
        ...(order.method === 'PUT' && { 'if-match': '*' }),
      },
      body: isText ? (order.body as string) : JSON.stringify(order.body),
    });
    status = response.status;
    text = await response.text();
  } catch {
    return undefined;
  }
  if (status >= 300) throw new Error(`${order.method} ${order.path}: ${status} ${text}`);
  return JSON.parse(text) as Answer;
}
