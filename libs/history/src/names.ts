import type { JsonValue } from '#kernel';
import { type EventMeta, type RawEvent, type TailnetEvent, upcast } from '#tailnet';

/** From when to when something was there, and what it was called last. */
export interface Life {
  readonly name: string;
  /** The revision that brought it. */
  readonly since: number;
  /** The revision that took it away; undefined while it is there. */
  readonly until?: number | undefined;
  /** What it was called before, oldest first, each with the revision that gave it another name. */
  readonly former?: readonly (readonly [name: string, until: number])[] | undefined;
}

type Frozen = [id: string, name: string, since: number, until?: number | null, former?: [string, number][]];

/** The names that people know things by, also of what is gone: the ledger speaks in ids. */
export class Names {
  readonly #byId = new Map<string, Life>();

  /** What `freeze` gave, through JSON. */
  static thaw(items: Iterable<JsonValue>): Names {
    const names = new Names();
    for (const [id, name, since, until, former] of items as Iterable<Frozen>) {
      names.#byId.set(id, { name, since, ...(typeof until === 'number' && { until }), ...(former && { former }) });
    }
    return names;
  }

  /** Everything that `thaw` needs. */
  *freeze(): Iterable<JsonValue> {
    for (const [id, { name, since, until, former }] of this.#byId) {
      const end = until === undefined && !former ? [] : [until ?? null];
      yield [id, name, since, ...end, ...(former ? [former] : [])];
    }
  }

  /** Takes the next event. */
  apply(raw: RawEvent & Pick<EventMeta, 'revision'>): void {
    const event = upcast(raw);
    if (event) this.#note(event, raw.revision);
  }

  /** The name that the id had last, or once a revision was there; the id itself when it never had one. */
  of(id: string, revision = Number.POSITIVE_INFINITY): string {
    const life = this.#byId.get(id);
    const then = life?.former?.find(([, until]) => revision < until)?.[0];
    return then ?? life?.name ?? id;
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
    else if (type === 'NodeRenamed') this.#rename(data.nodeId, data.name, revision);
    else if (type === 'NodeRemoved') this.#change(data.nodeId, { until: revision }, revision);
    else if (type === 'UserJoined') this.#born(data.userId, data.login, revision);
    else if (type === 'UserRemoved') this.#change(data.userId, { until: revision }, revision);
    else if (type === 'ApiTokenIssued' && data.description) this.#born(data.tokenId, data.description, revision);
  }

  #born(id: string, name: string, since: number): void {
    this.#byId.set(id, { name, since });
  }

  #rename(id: string, name: string, revision: number): void {
    const { name: last = id, former = [] } = this.#byId.get(id) ?? {};
    this.#change(id, { name, former: [...former, [last, revision]] }, revision);
  }

  #change(id: string, change: Partial<Life>, revision: number): void {
    this.#byId.set(id, { ...(this.#byId.get(id) ?? { name: id, since: revision }), ...change });
  }
}
