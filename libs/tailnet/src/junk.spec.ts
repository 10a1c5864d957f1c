import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ROLES } from '#policy';
import { decide } from './decide.js';
import { evolve } from './evolve.js';
import { LATER } from './testing/given.js';
import { sampleKey } from './testing/sample-key.js';
import { aTailnet, theSystem } from './testing/tailnet-builder.js';
import { EVENT_TYPES } from './upcast.js';

const tailnet = aTailnet()
  .withUser('alice', 'owner')
  .withAuthKey('k', { user: 'alice' })
  .withToken('t', 'auditor')
  .withNode('a', { user: 'alice', routes: ['10.0.0.0/8'] })
  .withNode('b', { tags: ['tag:x'] });

const ids = fc.constantFrom('node_a', 'node_b', 'user_alice', 'key_k', 'token_t', 'new', '', '__proto__');
const texts = fc.constantFrom('alice@example.com', 'a', sampleKey('a node'), '{"acls":[]}', '{', 'group:x');
const junk = fc.oneof(fc.constantFrom<unknown>(null, undefined, 0, Number.NaN, [], {}, [null]), fc.anything());

/** Values that fit a member of an event, mostly, though what they say may make no sense. */
const member = (fitting: fc.Arbitrary<unknown>) =>
  fc.oneof({ arbitrary: fitting, weight: 40 }, { arbitrary: junk, weight: 1 });

const data = fc.record({
  ...Object.fromEntries(['nodeId', 'userId', 'keyId', 'tokenId', 'authKeyId'].map((name) => [name, member(ids)])),
  ...Object.fromEntries(
    ['machineKey', 'nodeKey', 'secretHash', 'name', 'hostname', 'os', 'login', 'displayName', 'group', 'text'].map(
      (name) => [name, member(texts)],
    ),
  ),
  ...Object.fromEntries(
    ['ephemeral', 'approved', 'reusable', 'preapproved', 'pinned', 'magicDns', 'deviceApproval'].map((name) => [
      name,
      member(fc.boolean()),
    ]),
  ),
  ...Object.fromEntries(
    ['tags', 'members', 'nameservers', 'searchDomains'].map((name) => [name, member(fc.array(texts))]),
  ),
  ...Object.fromEntries(
    ['keyExpiresAt', 'expiresAt', 'keyExpiry'].map((name) => [name, member(fc.option(fc.double({ noNaN: true })))]),
  ),
  ipv4: member(fc.constantFrom('100.64.0.1', '100.64.0.2', '10.0.0.1', '255.255.255.255')),
  ipv6: member(fc.constantFrom('fd7a::1', '::')),
  prefix: member(fc.constantFrom('10.0.0.0/8', '::/0', '100.64.0.0/10')),
  ipv4Pool: member(fc.constantFrom('0.0.0.0/0', '10.0.0.0/32', '100.100.100.0/24')),
  ula: member(fc.constantFrom('::/0', 'fd00::/8', '::1/128')),
  role: member(fc.constantFrom(...ROLES)),
  by: member(fc.constantFrom('admin', 'policy')),
  reason: member(fc.constantFrom('removed', 'logout')),
  splitDns: member(fc.dictionary(texts, fc.array(texts))),
  records: member(fc.constant([])),
  description: member(texts),
  tailnetId: member(ids),
  dnsSuffix: member(texts),
});

const event = fc.record({
  type: fc.constantFrom(...EVENT_TYPES),
  version: fc.constant(1),
  data: fc.oneof({ arbitrary: data, weight: 20 }, { arbitrary: junk, weight: 1 }),
});

const join = {
  type: 'JoinNode',
  data: {
    nodeId: 'node_fresh',
    machineKey: sampleKey('fresh machine'),
    nodeKey: sampleKey('fresh node'),
    hostname: 'fresh',
    os: 'linux',
    proof: { userId: 'user_alice' },
    requestedTags: [],
    ephemeral: false,
  },
} as const;

describe('whatever stands in the ledger', () => {
  test('the fold goes on, and so do decisions', () => {
    let understood = 0;
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let state = tailnet.state;
        for (const raw of events) {
          const meta = { revision: state.revision + 1, recordedAt: LATER, commandId: `junk-${state.revision}` };
          const next = evolve(state, raw, meta);
          expect(next.revision).toBe(meta.revision);
          if (next.nodes !== state.nodes || next.users !== state.users) understood++;
          state = next;
        }
        const decision = decide(state, { id: 'c', now: LATER, actor: theSystem, command: join });
        expect(typeof decision.ok).toBe('boolean');
        expect(
          decide(state, { id: 'd', now: LATER, actor: theSystem, command: { type: 'ExpireDue', data: {} } }).ok,
        ).toBe(true);
      }),
      { numRuns: 300 },
    );
    // Otherwise nothing was tested but the check of shapes.
    expect(understood).toBeGreaterThan(20);
  });
});
