import { createHash } from 'node:crypto';
import { EMPTY_HEAD, type EventDraft, type EventStore, headAfter, seal } from '#event-store';
import type { JsonObject } from '#kernel';
import type { EventData, EventType } from '#tailnet';

const BATCH = 512;
const START = Date.UTC(2026, 0, 1);
/** A person has so many machines. */
const PER_USER = 5;
const TEAM = 10;

type Draft = { readonly [T in EventType]: { readonly type: T; readonly data: EventData[T] } }[EventType];

/** Appends so many tailnets of so many nodes each, in teams of ten that see each other. Answers the number of events. */
export async function fillQuietTailnets(store: EventStore, tailnets: number, nodes: number): Promise<number> {
  let events = 0;
  for (let t = 0; t < tailnets; t++) events += await fillOne(store, `bench${String(t).padStart(7, '0')}`, nodes);
  return events;
}

async function fillOne(store: EventStore, id: string, nodes: number): Promise<number> {
  const stream = `tailnet-${id}`;
  const actor = { kind: 'user', id: 'user_0', name: 'user0@example.com', from: '192.0.2.7' } as const;
  let head = EMPTY_HEAD;
  let batch: EventDraft[] = [];
  const flush = async () => {
    const events = seal(head, batch, START);
    await store.append(stream, head.revision, events);
    head = headAfter(head, events);
    batch = [];
  };
  for (const { type, data } of eventsOf(id, nodes)) {
    const commandId = digest(`${id} ${head.revision + batch.length}`)
      .toString('hex')
      .slice(0, 40);
    batch.push({ stream, type, version: 1, actor, commandId, data: data as unknown as JsonObject });
    if (batch.length === BATCH) await flush();
  }
  if (batch.length > 0) await flush();
  return head.revision + 1;
}

function* eventsOf(id: string, nodes: number): Generator<Draft> {
  yield {
    type: 'TailnetCreated',
    data: { tailnetId: id, name: id, dnsSuffix: `${id}.internal`, ula: 'fd00::/48' },
  };
  const users = Math.ceil(nodes / PER_USER);
  for (let i = 0; i < users; i++) {
    const login = `user${i}@example.com`;
    const role = i === 0 ? 'owner' : 'member';
    yield { type: 'UserJoined', data: { userId: `user_${i}`, login, displayName: login, role } };
  }
  const teams = Array.from({ length: Math.ceil(nodes / TEAM) }, (_, i) => `tag:team-${i}`);
  const tagOwners = Object.fromEntries(teams.map((tag) => [tag, ['autogroup:admin']]));
  const acls = teams.map((tag) => ({ action: 'accept', src: [tag], dst: [`${tag}:*`] }));
  yield { type: 'AclPublished', data: { text: JSON.stringify({ tagOwners, acls }) } };
  for (let n = 0; n < nodes; n++) yield join(n, users, `tag:team-${Math.floor(n / TEAM)}`);
}

const join = (n: number, users: number, tag: string): Draft => ({
  type: 'NodeJoined',
  data: {
    nodeId: `node_${n}`,
    machineKey: digest(`machine ${n}`).toString('base64'),
    nodeKey: digest(`node ${n}`).toString('base64'),
    name: `node-${n}`,
    hostname: `host-${n}`,
    os: 'linux',
    userId: `user_${n % users}`,
    tags: [tag],
    ipv4: `100.${64 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`,
    ipv6: `fd00::${(n + 1).toString(16)}`,
    ephemeral: false,
    approved: true,
    keyExpiresAt: null,
  },
});

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
