import { setTimeout as pause } from 'node:timers/promises';
import { chooseCrypto } from '#crypto';
import { NativeCrypto } from '#crypto/native';
import { toHex } from '#kernel';
import { digestOf, networkFromScratch, viewOf } from '#netmap';
import type { Dice } from '#sim';
import { evolve, initialState, type TailnetState } from '#tailnet';
import { encodeItem } from '#wire';
import { TestControl } from '../../../apps/control/src/testing/test-control.js';
import { FleetAgent } from './fleet-agent.js';

/** What the server says of its streams. */
export interface Streams {
  readonly revision: number;
  readonly streams: readonly {
    readonly nodeId: string;
    readonly appliedRevision: number;
    readonly unacknowledged: number;
    readonly behind: boolean;
  }[];
  readonly counters: Readonly<
    Record<'snapshots' | 'diffs' | 'bytes' | 'resumed' | 'resumesRefused' | 'netmapsRefused', number>
  >;
}

const crypto = chooseCrypto([() => new NativeCrypto()]);
const PAGE = 1_000;

/** A control plane in this process, and many agents that follow it over real connections. */
export class Fleet {
  readonly agents: FleetAgent[] = [];
  readonly #keys = new Map<string, string>();

  private constructor(
    readonly control: TestControl,
    readonly dice: Dice,
  ) {}

  static async open(dice: Dice): Promise<Fleet> {
    return new Fleet(await TestControl.start(), dice);
  }

  /** An agent that has joined as a device of this user, with whatever is odd about it. */
  async join(hostname: string, login: string, more: Parameters<FleetAgent['register']>[1] = {}): Promise<FleetAgent> {
    const agent = new FleetAgent(this.control.grpcAddress, hostname, crypto, this.dice.fork());
    try {
      await agent.register(await this.#keyOf(login), more);
    } catch (error) {
      await agent.close();
      throw error;
    }
    this.agents.push(agent);
    agent.follow();
    return agent;
  }

  /** The agents that are still members. */
  get members(): FleetAgent[] {
    return this.agents.filter(({ problem }) => problem?.code !== 'agent.removed' && problem?.code !== 'node.unknown');
  }

  async streams(): Promise<Streams> {
    return (await this.control.call('GET', 'streams')).body as Streams;
  }

  /** Waits until every member is connected and has acknowledged the newest of what concerns it. */
  async settle(): Promise<Streams> {
    return await until('all agents have the newest netmap', async () => {
      const answer = await this.streams();
      const settled = new Set(
        answer.streams
          .filter(({ behind, unacknowledged }) => !behind && unacknowledged === 0)
          .map(({ nodeId }) => nodeId),
      );
      return this.members.every(({ nodeId }) => settled.has(nodeId)) && settled.size === answer.streams.length
        ? answer
        : undefined;
    });
  }

  /** The state, folded anew from the events that the API shows. */
  async stateFromScratch(): Promise<TailnetState> {
    let state = initialState;
    for (;;) {
      const { body } = await this.control.call('GET', `events?limit=${PAGE}&after=${state.revision}`);
      const { events } = body as { events: { type: string; version: number; data: unknown; revision: number }[] };
      for (const event of events) state = evolve(state, event, { recordedAt: 0, commandId: '', ...event });
      if (events.length < PAGE) return state;
    }
  }

  async close(): Promise<void> {
    for (const agent of this.agents) await agent.close();
    await this.control.stop();
  }

  async #keyOf(login: string): Promise<string> {
    const known = this.#keys.get(login);
    if (known) return known;
    await this.control.call('POST', 'users', { login });
    const key = await this.control.authKey({ user: login });
    this.#keys.set(login, key);
    return key;
  }
}

/** Node → the digest of its netmap, put together from the state alone. */
export function digestsOf(state: TailnetState): Map<string, string> {
  const network = networkFromScratch(state);
  return new Map([...state.nodes.keys()].map((id) => [id, toHex(digestOf(viewOf(network, id), encodeItem))]));
}

/** Node → the digest of the netmap that it holds. */
export const heldDigests = (agents: readonly FleetAgent[]): Map<string, string> =>
  new Map(agents.map(({ nodeId, held }) => [nodeId, toHex(held.digest)]));

/** Waits for an answer other than undefined. */
export async function until<T>(what: string, probe: () => Promise<T | undefined>, timeout = 120_000): Promise<T> {
  const deadline = performance.now() + timeout;
  for (;;) {
    const found = await probe();
    if (found !== undefined) return found;
    if (performance.now() > deadline) throw new Error(`waited ${timeout} ms until ${what}`);
    await pause(10);
  }
}
