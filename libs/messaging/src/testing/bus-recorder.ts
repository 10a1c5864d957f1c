import { fromUtf8 } from '#kernel';
import type { ReceivedMessage } from '../bus.js';

/** Keeps what a subscription handed over, for tests to wait for. */
export class BusRecorder {
  readonly messages: ReceivedMessage[] = [];
  #waiting: { readonly met: () => boolean; readonly resolve: () => void }[] = [];

  readonly handle = (message: ReceivedMessage): void => {
    this.messages.push(message);
    const met = this.#waiting.filter((waiter) => waiter.met());
    this.#waiting = this.#waiting.filter((waiter) => !met.includes(waiter));
    for (const { resolve } of met) resolve();
  };

  /** Resolves once so many messages, or what is asked for, have come. */
  until(wanted: number | ((messages: readonly ReceivedMessage[]) => boolean)): Promise<void> {
    const met = () => (typeof wanted === 'number' ? this.messages.length >= wanted : wanted(this.messages));
    if (met()) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push({ met, resolve }));
  }

  /** The values of one key, as texts. */
  of(key: string): (string | undefined)[] {
    return this.messages.filter((message) => message.key === key).map(textOf);
  }

  /** What the messages say is kept: the newest value of each key, sorted. */
  kept(): [string, string][] {
    const newest = new Map(this.messages.map((message) => [message.key, textOf(message)]));
    return [...newest].filter((entry): entry is [string, string] => entry[1] !== undefined).sort();
  }
}

const textOf = ({ value }: ReceivedMessage) => (value === undefined ? undefined : fromUtf8(value));
