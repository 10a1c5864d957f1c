import { EventEmitter } from 'node:events';
import type { LogFile } from './log-file.js';
import type { LogRecord, Proposed } from './log-record.js';

/** What a stream has to look like for an append; a number is the revision of its last event. */
export type Expectation = number | 'any' | 'exists' | 'none';

export type Outcome =
  | { readonly kind: 'stored'; readonly last: Pick<LogRecord, 'revision' | 'position'> }
  | { readonly kind: 'wrong'; readonly current: number };

/** Where the first record lies: a real log begins with records of its own. */
const FIRST_POSITION = 4_096;

/** What a KurrentDB keeps on its disk: one log of all streams. It outlives the servers that are started on it. */
export class KurrentLog {
  readonly records: LogRecord[] = [];
  readonly #streams = new Map<string, LogRecord[]>();
  readonly #growth = new EventEmitter().setMaxListeners(0);
  #end = FIRST_POSITION;

  /** @param file keeps what is appended, and has what was */
  constructor(private readonly file?: LogFile) {
    for (const records of file?.appends() ?? []) this.#add(records);
    if (this.records.length > 0) return;
    // As in a real log, not everything is ours.
    this.append('$users', 'none', [plain('$UserCreated')]);
    this.append('orders-1', 'none', [plain('OrderPlaced'), plain('OrderShipped')]);
  }

  stream(name: string): readonly LogRecord[] {
    return this.#streams.get(name) ?? [];
  }

  /** All events or none; the very events that are there already are not stored twice. */
  append(stream: string, expected: Expectation, events: readonly Proposed[]): Outcome {
    const records = this.#streams.get(stream) ?? [];
    const current = records.length - 1;
    if (!meets(expected, current)) {
      const from = typeof expected === 'number' ? expected + 1 : 0;
      const there = records.slice(from, from + events.length);
      const last = there.at(-1);
      const same = there.length === events.length && there.every(({ id }, i) => id === events[i]?.id);
      return same && last && expected !== 'exists' ? { kind: 'stored', last } : { kind: 'wrong', current };
    }
    let position = this.#end;
    const fresh = events.map((event, i) => {
      const record = { ...event, stream, revision: records.length + i, position };
      position += sizeOf(event);
      return record;
    });
    this.file?.keep(fresh);
    this.#add(fresh);
    this.#growth.emit('grown');
    const last = fresh.at(-1);
    return last ? { kind: 'stored', last } : { kind: 'wrong', current };
  }

  #add(fresh: readonly LogRecord[]): void {
    for (const record of fresh) {
      const records = this.#streams.get(record.stream) ?? [];
      records.push(record);
      this.#streams.set(record.stream, records);
      this.records.push(record);
      this.#end = record.position + sizeOf(record);
    }
  }

  /** Resolves when there is more, or when the signal comes. */
  grown(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#growth.off('grown', done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.#growth.on('grown', done);
      signal.addEventListener('abort', done);
      if (signal.aborted) done();
    });
  }
}

const sizeOf = ({ data, custom }: Proposed): number => 64 + data.length + custom.length;

function meets(expected: Expectation, current: number): boolean {
  if (expected === 'any') return true;
  if (expected === 'exists') return current >= 0;
  return current === (expected === 'none' ? -1 : expected);
}

/** An event of another program. */
export const plain = (type: string, data = '{"amount":1}'): Proposed => ({
  id: crypto.randomUUID(),
  metadata: new Map([
    ['type', type],
    ['content-type', 'application/json'],
  ]),
  custom: new Uint8Array(),
  data: Buffer.from(data),
});
