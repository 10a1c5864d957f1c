import { CommandBus } from '@nestjs/cqrs';
import type { Logger } from 'pino';
import { type Holding, type Leases, systemStopwatch } from '#coordination';
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
const LEASE = 'housekeeping';

/** What the housekeeper works with. */
export interface HousekeeperPorts {
  readonly bus: CommandBus;
  readonly tailnets: Tailnets;
  readonly changes: DueChanges;
  readonly leases: Leases;
  readonly clock: Clock;
  /** Whether this process hears what others say of their agents. */
  hears(): boolean;
  /** How long an ephemeral node may be offline, in milliseconds. */
  readonly ephemeralTimeout: number;
  readonly logger: Logger;
}

/**
 * Does what falls due. Keys expire, ephemeral nodes that stay away are removed, changes are applied and taken back: one replica
 * does that for all, while it holds the lease. Agents are asked to replace old keys by the replica that they are connected to.
 */
export class Housekeeper {
  readonly #oldKeys: OldKeys;
  /** Since when it could have heard of any node, in milliseconds since the Unix epoch. */
  #hearsSince: number;
  #timer: NodeJS.Timeout | undefined;
  #holding: Holding | undefined;
  #active = false;

  constructor(private readonly ports: HousekeeperPorts) {
    this.#hearsSince = ports.clock.now();
    this.#oldKeys = new OldKeys(ports.clock);
  }

  start(): void {
    this.#timer = setInterval(() => this.#tendOwn(), EVERY_MS);
    this.#holding = this.ports.leases.hold(LEASE, async (signal) => {
      this.#active = true;
      while (!signal.aborted) {
        await systemStopwatch.pause(EVERY_MS, signal);
        await this.#tendAll(signal);
      }
      this.#active = false;
    });
  }

  /** Whether it is this replica that does what one does for all. */
  get active(): boolean {
    return this.#active;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#holding?.close();
  }

  /** Whatever may have been said while this process heard nothing, no node is blamed for it. */
  #tendOwn(): void {
    const { tailnets, clock } = this.ports;
    if (!this.ports.hears()) this.#hearsSince = clock.now();
    for (const tailnet of tailnets.all()) this.#oldKeys.tend(tailnet);
  }

  /** Looks once at all tailnets. What fails is tried again at the next look. */
  async #tendAll(signal: AbortSignal): Promise<void> {
    const { tailnets, clock, logger } = this.ports;
    const now = clock.now();
    for (const tailnet of tailnets.all()) {
      if (signal.aborted) return;
      if (tailnet.paused) continue;
      try {
        await this.#tend(tailnet, now);
      } catch (error) {
        logger.error({ tailnet: tailnet.id, problem: problemOf(error) }, 'housekeeping failed');
      }
    }
  }

  async #tend(tailnet: Tailnet, now: number): Promise<void> {
    const { changes, ephemeralTimeout } = this.ports;
    const nodes = [...tailnet.fold.state.nodes.values()];
    if (nodes.some((node) => isDue(node, now))) await this.#change(tailnet, { type: 'ExpireDue', data: {} });
    const gone = nodes.filter((node) => node.ephemeral && now - this.#lastSeen(tailnet, node) > ephemeralTimeout);
    await Promise.all(
      gone.map(({ id }) => this.#change(tailnet, { type: 'RemoveNode', data: { nodeId: id, reason: 'ephemeral' } })),
    );
    await changes.tend(tailnet, now);
  }

  /** A node that nothing was heard of gets the whole time from when it could have been. */
  #lastSeen(tailnet: Tailnet, { id, joinedAt }: Node): number {
    if (tailnet.presence.get(id)?.online) return this.ports.clock.now();
    return Math.max(this.#hearsSince, joinedAt, tailnet.presence.heardAt(id) ?? 0);
  }

  #change(tailnet: Tailnet, command: TailnetCommand): Promise<unknown> {
    const id = newId('housekeeping', systemRandom);
    return this.ports.bus.execute(new ChangeTailnet(tailnet, { id, actor: SYSTEM, command }));
  }
}

const isDue = ({ keyExpiresAt, expired }: Node, now: number): boolean =>
  !expired && keyExpiresAt !== null && keyExpiresAt <= now;
