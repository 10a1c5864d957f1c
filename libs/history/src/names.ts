import type { JsonValue } from '#kernel';
import { type EventMeta, type RawEvent, type TailnetEvent, upcast } from '#tailnet';

/** From when to when something was there, and what it was called last. */
export interface Life {
  readonly name: string;
  /** The revision that brought it. */
  readonly since: number;
  /** The revision that took it away; undefined while it is there. */
  readonly until?: number | undefined;
}

/** The names that people know things by, also of what is gone: the ledger speaks in ids. */
export class Names {
  readonly #byId = new Map<string, Life>();

  /** What `freeze` gave, through JSON. */
  static thaw(items: Iterable<JsonValue>): Names {
    const names = new Names();
    for (const [id, name, since, until] of items as Iterable<[string, string, number, number?]>) {
      names.#byId.set(id, { name, since, ...(until !== undefined && { until }) });
    }
    return names;
  }

  /** Everything that `thaw` needs. */
  *freeze(): Iterable<JsonValue> {
    for (const [id, { name, since, until }] of this.#byId)
      yield [id, name, since, ...(until === undefined ? [] : [until])];
  }

  /** Takes the next event. */
  apply(raw: RawEvent & Pick<EventMeta, 'revision'>): void {
    const event = upcast(raw);
    if (event) this.#note(event, raw.revision);
  }

  /** The name that the id had last; the id itself when it never had one. */
  of(id: string): string {
    return this.#byId.get(id)?.name ?? id;
  }

  /** When what has, or last had, this id was there. */
  life(id: string): Life | undefined {
    return this.#byId.get(id);
  }

  /** The ids of those that are, or were last, called so, the newest first. Cost: the number of all things ever named. */
  idsOf(name: string): readonly string[] {
    return [...this.#byId]
      .filter(([, life]) => life.name === name)
      .map(([id]) => id)
      .reverse();
  }

  #note({ type, data }: TailnetEvent, revision: number): void {
    if (type === 'NodeJoined') this.#born(data.nodeId, data.name, revision);
    else if (type === 'NodeRenamed') this.#change(data.nodeId, { name: data.name });
    else if (type === 'NodeRemoved') this.#change(data.nodeId, { until: revision });
    else if (type === 'UserJoined') this.#born(data.userId, data.login, revision);
    else if (type === 'UserRemoved') this.#change(data.userId, { until: revision });
    else if (type === 'ApiTokenIssued' && data.description) this.#born(data.tokenId, data.description, revision);
  }

  #born(id: string, name: string, since: number): void {
    this.#byId.set(id, { name, since });
  }

  #change(id: string, change: Partial<Life>): void {
    const life = this.#byId.get(id);
    if (life) this.#byId.set(id, { ...life, ...change });
  }
}
