import { CommandBus } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import type { Actor } from '#event-store';
import { systemRandom } from '#host';
import { type Clock, newId, problemOf } from '#kernel';
import type { Node, TailnetCommand } from '#tailnet';
import type { DueChanges } from '../changes/due-changes.js';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import { OldKeys } from './old-keys.js';

const SYSTEM: Actor = { kind: 'system', id: 'housekeeper' };
const EVERY_MS = 1_000;

/** Does what falls due: keys expire and are replaced, ephemeral nodes that stay away are removed, changes are applied and taken back. */
export class Housekeeper {
  readonly #startedAt: number;
  readonly #oldKeys: OldKeys;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @param ephemeralTimeout in milliseconds */
  constructor(
    private readonly bus: CommandBus,
    private readonly tailnets: Tailnets,
    private readonly changes: DueChanges,
    private readonly clock: Clock,
    private readonly ephemeralTimeout: number,
    private readonly logger: Logger,
  ) {
    this.#startedAt = clock.now();
    this.#oldKeys = new OldKeys(clock);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.tick());
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Looks once at all tailnets. What fails is tried again at the next look. */
  async tick(): Promise<void> {
    const now = this.clock.now();
    for (const tailnet of this.tailnets.all()) {
      if (tailnet.paused) continue;
      try {
        await this.#tend(tailnet, now);
      } catch (error) {
        this.logger.error({ tailnet: tailnet.id, problem: problemOf(error) }, 'housekeeping failed');
      }
    }
  }

  async #tend(tailnet: Tailnet, now: number): Promise<void> {
    const nodes = [...tailnet.fold.state.nodes.values()];
    if (nodes.some((node) => isDue(node, now))) await this.#change(tailnet, { type: 'ExpireDue', data: {} });
    const gone = nodes.filter((node) => node.ephemeral && now - this.#lastSeen(tailnet, node) > this.ephemeralTimeout);
    await Promise.all(
      gone.map(({ id }) => this.#change(tailnet, { type: 'RemoveNode', data: { nodeId: id, reason: 'ephemeral' } })),
    );
    await this.changes.tend(tailnet, now);
    this.#oldKeys.tend(tailnet);
  }

  /** A node that has not been heard of since this process began gets the whole time from then. */
  #lastSeen(tailnet: Tailnet, { id, joinedAt }: Node): number {
    if (tailnet.presence.get(id)?.online) return this.clock.now();
    return Math.max(this.#startedAt, joinedAt, tailnet.presence.heardAt(id) ?? 0);
  }

  #change(tailnet: Tailnet, command: TailnetCommand): Promise<unknown> {
    const id = newId('housekeeping', systemRandom);
    return this.bus.execute(new ChangeTailnet(tailnet, { id, actor: SYSTEM, command }));
  }
}

const isDue = ({ keyExpiresAt, expired }: Node, now: number): boolean =>
  !expired && keyExpiresAt !== null && keyExpiresAt <= now;
