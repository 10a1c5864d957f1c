import type { CommandBus } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import type { Actor } from '#event-store';
import { problemOf } from '#kernel';
import { ChangeTailnet } from '../commands/change-tailnet.js';
import type { Tailnet } from '../tailnet/tailnet.js';
import type { Tailnets } from '../tailnet/tailnets.js';
import type { Replicas } from './replicas.js';

const SYSTEM: Actor = { kind: 'system', id: 'release-floor' };
const EVERY_MS = 1_000;

/**
 * Lets each ledger hold what all replicas that are there can read: an upgrade ends by itself when the last replica of the
 * older release has gone. A replica that nobody hears of, and that reads less, stops at the event that says so; it
 * misreads nothing.
 */
export class ReleaseFloor {
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  /** @param release the version of this program */
  constructor(
    private readonly bus: CommandBus,
    private readonly tailnets: Tailnets,
    private readonly replicas: Pick<Replicas, 'readByAll'>,
    private readonly release: string,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.#timer = setInterval(() => {
      this.#running = this.#running.then(() => this.#raise());
    }, EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  async #raise(): Promise<void> {
    const level = this.replicas.readByAll;
    if (level === undefined) return;
    for (const tailnet of this.tailnets.all()) {
      if (!tailnet.paused && tailnet.fold.state.floor < level) await this.#raiseOne(tailnet, level);
    }
  }

  async #raiseOne(tailnet: Tailnet, level: number): Promise<void> {
    const { release } = this;
    // The same from every replica: one of them is the first.
    const id = `release-floor-${tailnet.id}-${level}`;
    const command = { type: 'RaiseReleaseFloor', data: { level, release } } as const;
    try {
      await this.bus.execute(new ChangeTailnet(tailnet, { id, actor: SYSTEM, command }));
    } catch (error) {
      this.logger.warn({ tailnet: tailnet.id, problem: problemOf(error) }, 'the release floor is not raised yet');
    }
  }
}
