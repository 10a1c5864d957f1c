import type { PeerPresence } from '#wire';

/**
 * Carries the newest presence of nodes between the processes that hold their streams. What it carries means nothing
 * next year: nobody keeps it, and only the last word on a node matters.
 */
export interface PresenceBus {
  publish(tailnet: string, presence: PeerPresence): void;
  /** @param hear called for every presence of every tailnet, one's own included, in order for each node */
  subscribe(hear: (tailnet: string, presence: PeerPresence) => void): void;
}

/** The bus of a control plane that is one process. */
export class LocalPresenceBus implements PresenceBus {
  readonly #listeners: ((tailnet: string, presence: PeerPresence) => void)[] = [];

  publish(tailnet: string, presence: PeerPresence): void {
    for (const hear of this.#listeners) hear(tailnet, presence);
  }

  subscribe(hear: (tailnet: string, presence: PeerPresence) => void): void {
    this.#listeners.push(hear);
  }
}
