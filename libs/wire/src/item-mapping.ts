import type { MessageInitShape } from '@bufbuild/protobuf';
import type { DnsItem, Item, PeerItem, RouteItem, RuleItem, SelfItem } from '#netmap';
import type {
  DnsItem as DnsMessage,
  Item as ItemMessage,
  ItemSchema,
  PeerItem as PeerMessage,
  RouteItem as RouteMessage,
  RuleItem as RuleMessage,
  SelfItem as SelfMessage,
} from './gen/netfold/v1/netmap_pb.js';
import { malformed, safeNumber } from './malformed.js';
import { capabilitiesFrom, capabilitiesMessage, selectorFrom, selectorMessage } from './selector-mapping.js';

/** The body of a message for an item. */
export function itemMessage(item: Item): MessageInitShape<typeof ItemSchema>['item'] {
  switch (item.kind) {
    case 'self': {
      const { kind, keyExpiresAt, user, ...rest } = item;
      const expiry = keyExpiresAt === undefined ? {} : { keyExpiresAt: BigInt(keyExpiresAt) };
      const value = { ...rest, ...expiry, ...optionalUser(user), ...copied(rest), routes: [...rest.routes] };
      return { case: 'self', value };
    }
    case 'peer': {
      const { kind, user, ...rest } = item;
      return { case: 'peer', value: { ...rest, ...optionalUser(user), ...copied(rest) } };
    }
    case 'route':
      return { case: 'route', value: { id: item.id, prefix: item.prefix, via: item.via, standby: [...item.standby] } };
    case 'rule':
      return { case: 'rule', value: ruleMessage(item) };
    case 'dns': {
      const { kind, ...rest } = item;
      const routes = rest.routes.map(({ domain, nameservers }) => ({ domain, nameservers: [...nameservers] }));
      const records = rest.records.map(({ name, type, value }) => ({ name, type, value }));
      const lists = { nameservers: [...rest.nameservers], searchDomains: [...rest.searchDomains] };
      const value = { ...rest, ...lists, routes, records };
      return { case: 'dns', value };
    }
  }
}

const optionalUser = (user: string | undefined) => (user === undefined ? {} : { user });

const copied = ({ tags, labels }: { tags: readonly string[]; labels: readonly string[] }) => ({
  tags: [...tags],
  labels: [...labels],
});

const ruleMessage = ({ id, src, dst, protocols, ports, via, capabilities }: RuleItem) => ({
  id,
  src: src.map(selectorMessage),
  dst: selectorMessage(dst),
  protocols: [...protocols],
  ports: [...ports],
  via: [...via],
  ...(capabilities && { capabilities: capabilitiesMessage(capabilities) }),
});

/** @throws NetfoldError `wire.malformed` for a kind of item that this version does not know */
export function itemFrom({ item }: ItemMessage): Item {
  switch (item.case) {
    case 'self':
      return selfFrom(item.value);
    case 'peer':
      return peerFrom(item.value);
    case 'route':
      return routeFrom(item.value);
    case 'rule':
      return ruleFrom(item.value);
    case 'dns':
      return dnsFrom(item.value);
    default:
      throw malformed('an Item', 'its kind is unknown to this version');
  }
}

const selfFrom = (message: SelfMessage): SelfItem => ({
  kind: 'self',
  id: message.id,
  name: message.name,
  dnsName: message.dnsName,
  ipv4: message.ipv4,
  ipv6: message.ipv6,
  user: message.user,
  tags: message.tags,
  nodeKey: message.nodeKey,
  keyExpiresAt:
    message.keyExpiresAt === undefined ? undefined : safeNumber('self.key_expires_at', message.keyExpiresAt),
  approved: message.approved,
  expired: message.expired,
  suspended: message.suspended,
  routes: message.routes.map(({ prefix, approved, primary }) => ({ prefix, approved, primary })),
  labels: message.labels,
});

const peerFrom = (message: PeerMessage): PeerItem => ({
  kind: 'peer',
  id: message.id,
  name: message.name,
  dnsName: message.dnsName,
  ipv4: message.ipv4,
  ipv6: message.ipv6,
  user: message.user,
  tags: message.tags,
  nodeKey: message.nodeKey,
  os: message.os,
  labels: message.labels,
});

const routeFrom = ({ id, prefix, via, standby }: RouteMessage): RouteItem => ({
  kind: 'route',
  id,
  prefix,
  via,
  standby,
});

function ruleFrom({ id, src, dst, protocols, ports, via, capabilities }: RuleMessage): RuleItem {
  return {
    kind: 'rule',
    id,
    src: src.map(selectorFrom),
    dst: selectorFrom(dst),
    protocols,
    ports: ports.map(({ first, last }) => ({ first, last })),
    via,
    ...(capabilities && { capabilities: capabilitiesFrom(capabilities) }),
  };
}

function dnsFrom({ id, domain, enabled, nameservers, routes, searchDomains, records }: DnsMessage): DnsItem {
  if (id !== 'tailnet') throw malformed('a DnsItem', `its id ${JSON.stringify(id)} is unknown to this version`);
  return {
    kind: 'dns',
    id,
    domain,
    enabled,
    nameservers,
    routes: routes.map((route) => ({ domain: route.domain, nameservers: route.nameservers })),
    searchDomains,
    records: records.map(({ name, type, value }) => ({ name, type: recordType(type), value })),
  };
}

const RECORD_TYPES = ['A', 'AAAA', 'CNAME', 'TXT'] as const;

function recordType(text: string): DnsItem['records'][number]['type'] {
  const type = RECORD_TYPES.find((one) => one === text);
  if (type) return type;
  throw malformed('a DnsRecord', `its type ${JSON.stringify(text)} is unknown to this version`);
}
