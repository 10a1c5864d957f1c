import { createHash } from 'node:crypto';
import type { EventDraft } from '#event-store';
import type { JsonObject } from '#kernel';
import type { EventData, EventType } from '#tailnet';

export const STREAM = 'tailnet-bench';
export const START = Date.UTC(2026, 0, 1);
const SECOND = 1_000;

/** So many nodes there are, once all have joined. */
export const NODES = 1_000;
const USERS = 100;
/** So many events there are between two policies. */
const PER_POLICY = 2_000;

/** The same every time. */
class Dice {
  #state = 1;

  /** Below a limit. (Numerical Recipes' generator; its upper bits are good enough for a workload.) */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }
}

const key = (name: string): string => createHash('sha256').update(name).digest('base64');
const nodeId = (n: number): string => `node_${n}`;

const founding: readonly Draft[] = [
  {
    type: 'TailnetCreated',
    data: { tailnetId: 'bench', name: 'bench', dnsSuffix: 'bench.internal', ula: 'fd00::/48' },
  },
  ...Array.from({ length: USERS }, (_, i) => user(i)),
];

type Draft = { readonly [T in EventType]: { readonly type: T; readonly data: EventData[T] } }[EventType];

function user(i: number): Draft {
  const login = `user${i}@example.com`;
  return {
    type: 'UserJoined',
    data: { userId: `user_${i}`, login, displayName: login, role: i === 0 ? 'owner' : 'member' },
  };
}

function join(serial: number, slot: number): Draft {
  return {
    type: 'NodeJoined',
    data: {
      nodeId: nodeId(serial),
      machineKey: key(`machine ${serial}`),
      nodeKey: key(`node ${serial}`),
      name: `n${slot}-${serial}`,
      hostname: `host-${serial}`,
      os: 'linux',
      userId: `user_${serial % USERS}`,
      tags: [],
      ipv4: `100.64.${slot >> 8}.${slot & 255}`,
      ipv6: `fd00::${(slot + 1).toString(16)}`,
      ephemeral: false,
      approved: true,
      keyExpiresAt: null,
    },
  };
}

function policy(n: number): Draft {
  const acls = Array.from({ length: 20 }, (_, i) => ({
    action: 'accept',
    src: [`user${(n + i) % USERS}@example.com`],
    dst: [`user${(n + 3 * i) % USERS}@example.com:${1_000 + i}`],
  }));
  return { type: 'AclPublished', data: { text: JSON.stringify({ acls: [...acls, OWN] }) } };
}

const OWN = { action: 'accept', src: ['autogroup:member'], dst: ['autogroup:self:*'] };

/**
 * The events of a tailnet in which much happens, a second apart: a thousand nodes that change their keys and names, come
 * and go, offer routes, under policies that change.
 */
export function* busyTailnet(count: number): Generator<EventDraft & { readonly recordedAt: number }> {
  const [dice, nodes] = [new Dice(), [] as number[]];
  let serial = 0;
  for (let i = 0; i < count; i++) {
    const draft = founding[i] ?? (i % PER_POLICY === 0 ? policy(i / PER_POLICY) : step());
    const commandId = createHash('sha256').update(`command ${i}`).digest('hex').slice(0, 40);
    const actor = { kind: 'user', id: 'user_0', name: 'user0@example.com', from: '192.0.2.7' } as const;
    const { type, data } = draft;
    const recordedAt = START + i * SECOND;
    yield { stream: STREAM, type, version: 1, actor, commandId, data: data as unknown as JsonObject, recordedAt };
  }

  function step(): Draft {
    const slot = nodes.length < NODES ? nodes.length : dice.below(NODES);
    if (nodes.length < NODES) {
      nodes.push(serial);
      return join(serial++, slot);
    }
    const [node, chance] = [nodes[slot] ?? 0, dice.below(100)];
    if (node < 0) {
      nodes[slot] = serial;
      return join(serial++, slot);
    }
    if (chance < 3) {
      nodes[slot] = -1;
      return { type: 'NodeRemoved', data: { nodeId: nodeId(node), reason: 'removed' } };
    }
    return change(node, chance, dice.below(1_000_000));
  }
}

function change(node: number, chance: number, salt: number): Draft {
  const id = { nodeId: nodeId(node) };
  const prefix = `10.${node % 200}.${salt % 4}.0/24`;
  if (chance < 45)
    return { type: 'KeyRotated', data: { ...id, nodeKey: key(`rotated ${node} ${salt}`), keyExpiresAt: null } };
  if (chance < 65) return { type: 'HostnameChanged', data: { ...id, hostname: `host-${node}-${salt}`, os: 'linux' } };
  if (chance < 80) return { type: 'NodeRenamed', data: { ...id, name: `n${node}-${salt}`, pinned: true } };
  if (chance < 88) return { type: 'RouteAdvertised', data: { ...id, prefix } };
  if (chance < 94) return { type: 'RouteApproved', data: { ...id, prefix, by: 'admin' } };
  return { type: 'RouteWithdrawn', data: { ...id, prefix } };
}
