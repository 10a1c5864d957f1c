import type { StoredEvent } from '#event-store';
import { type TailnetEvent, upcast } from '#tailnet';

/** The names that people know things by, also of what is gone: the ledger speaks in ids. */
export class Names {
  readonly #byId = new Map<string, string>();

  apply(stored: StoredEvent): void {
    const event = upcast(stored);
    if (event) this.#note(event);
  }

  /** The name that the id had last; the id itself when it never had one. */
  of(id: string): string {
    return this.#byId.get(id) ?? id;
  }

  #note({ type, data }: TailnetEvent): void {
    if (type === 'NodeJoined' || type === 'NodeRenamed') this.#byId.set(data.nodeId, data.name);
    else if (type === 'UserJoined') this.#byId.set(data.userId, data.login);
    else if (type === 'ApiTokenIssued' && data.description) this.#byId.set(data.tokenId, data.description);
  }
}
