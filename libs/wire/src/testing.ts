import fc from 'fast-check';
import { formatAddress } from '#net';
import type { Item, RuleItem } from '#netmap';
import type { FlowRecord, FlowReport } from './flow-report.js';

const text = fc.string({ unit: 'binary', maxLength: 12 });
const texts = fc.array(text, { maxLength: 4 });
const time = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const user = fc.option(text, { nil: undefined });

const { selector } = fc.letrec<{ selector: RuleItem['dst'] }>((tie) => ({
  selector: fc.oneof(
    { depthSize: 'small' },
    fc.record({ kind: fc.constantFrom('any', 'everything', 'internet', 'same-user') }),
    fc.record({ kind: fc.constant('label'), label: text }),
    fc.record({ kind: fc.constant('prefix'), prefix: text }),
    fc.record({
      kind: fc.constant('where'),
      label: text,
      of: tie('selector'),
      within: fc.array(tie('selector'), { maxLength: 2 }),
      except: fc.array(tie('selector'), { maxLength: 2 }),
    }),
  ),
}));

const named = { id: text, name: text, dnsName: text, ipv4: text, ipv6: text, user, tags: texts, nodeKey: text };
const port = fc.integer({ min: 0, max: 65535 });
// JSON cannot say -0.
const json = fc.jsonValue({ maxDepth: 2 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
const capabilities = fc.dictionary(text, fc.array(json, { maxLength: 2 }), { maxKeys: 2, noNullPrototype: true });

/** Any netmap item, sensible or not. */
export const itemArbitrary: fc.Arbitrary<Item> = fc.oneof(
  fc.record({
    ...named,
    kind: fc.constant('self'),
    keyExpiresAt: fc.option(time, { nil: undefined }),
    approved: fc.boolean(),
    expired: fc.boolean(),
    suspended: fc.boolean(),
    routes: fc.array(fc.record({ prefix: text, approved: fc.boolean(), primary: fc.boolean() }), { maxLength: 3 }),
    labels: texts,
  }),
  fc.record({ ...named, kind: fc.constant('peer'), os: text, labels: texts }),
  fc.record({ kind: fc.constant('route'), id: text, prefix: text, via: text, standby: texts }),
  fc.record(
    {
      kind: fc.constant('rule'),
      id: text,
      src: fc.array(selector, { maxLength: 3 }),
      dst: selector,
      protocols: fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 3 }),
      ports: fc.array(fc.record({ first: port, last: port }), { maxLength: 3 }),
      via: texts,
      capabilities,
    },
    { requiredKeys: ['kind', 'id', 'src', 'dst', 'protocols', 'ports', 'via'] },
  ),
  fc.record({
    kind: fc.constant('dns'),
    id: fc.constant('tailnet'),
    domain: text,
    enabled: fc.boolean(),
    nameservers: texts,
    routes: fc.array(fc.record({ domain: text, nameservers: texts }), { maxLength: 3 }),
    searchDomains: texts,
    records: fc.array(fc.record({ name: text, type: fc.constantFrom('A', 'AAAA', 'CNAME', 'TXT'), value: text }), {
      maxLength: 2,
    }),
  }),
);

const addressPair = fc
  .constantFrom(4, 16)
  .map((length) => fc.uint8Array({ minLength: length, maxLength: length }).map(formatAddress))
  .chain((address) => fc.tuple(address, address));

const flow: fc.Arbitrary<FlowRecord> = fc
  .record({
    peer: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    protocol: fc.nat(255),
    localPort: port,
    remotePort: port,
    initiator: fc.constantFrom('self', 'peer'),
    firstSeen: time,
    lastSeen: time,
    between: addressPair,
  })
  .map(({ between: [localAddress, remoteAddress], ...record }) => ({ ...record, localAddress, remoteAddress }));

/** Any report of flows that the wire takes. */
export const flowReportArbitrary: fc.Arbitrary<FlowReport> = fc.record({
  flows: fc.array(flow, { maxLength: 4 }),
  omitted: fc.nat(),
});
