import { type JsonNode, plainValue } from '../hujson/json-node.js';
import { readMentions } from './mentions.js';
import type { AccessRule, Mention, Service } from './policy.js';
import { ALL_PORTS, parsePorts } from './ports.js';
import { PROTOCOL_NAMES, parseProtocol } from './protocols.js';
import { checkPortless, checkSelfSources, isSelf } from './read-access.js';
import { readPostureNames } from './read-postures.js';
import type { Reader, Word } from './reader.js';
import type { Scope } from './scope.js';
import { ACCESS_SRC, GRANT_DST, VIA } from './slots.js';
import { didYouMean } from './suggest.js';

/** The rules of `grants`. */
export function readGrants(reader: Reader, node: JsonNode, scope: Scope): AccessRule[] {
  return reader.items(node, '"grants"').map((item, index) => readGrant(reader, item, `grants[${index}]`, scope));
}

function readGrant(reader: Reader, node: JsonNode, name: string, scope: Scope): AccessRule {
  const parts: Record<string, JsonNode> = {};
  const keep = (value: JsonNode, { key }: { key: string }) => {
    parts[key.toLowerCase()] = value;
  };
  reader.fields(node, name, { src: keep, dst: keep, ip: keep, app: keep, via: keep, srcPosture: keep });
  const services = parts.ip ? reader.words(parts.ip, '"ip"').flatMap((word) => readService(reader, word)) : [];
  const capabilities = parts.app ? readCapabilities(reader, parts.app) : {};
  const hasCapabilities = Object.keys(capabilities).length > 0;
  if (!hasEntries(parts.ip) && !hasCapabilities) {
    const message = 'ip and app can not both be empty';
    reader.error(node, { code: 'policy.empty_grant', message, hint: 'say what it grants: "ip": ["tcp:443"]' });
  }
  const src = parts.src ? readMentions(reader, parts.src, ACCESS_SRC, scope) : [];
  const dst = parts.dst ? readMentions(reader, parts.dst, GRANT_DST, scope) : [];
  checkDestinations(reader, dst, hasCapabilities);
  const via = parts.via ? readMentions(reader, parts.via, VIA, scope) : [];
  if (dst.some(({ target }) => isSelf(target))) checkSelfSources(reader, src, false);
  return {
    ...reader.place(node),
    source: reader.sourceOf(node),
    name,
    action: 'accept',
    src,
    dst: dst.map((to) => ({ to, services })),
    capabilities: hasCapabilities ? capabilities : undefined,
    via,
    srcPosture: parts.srcposture ? readPostureNames(reader, parts.srcposture, scope) : [],
  };
}

const hasEntries = (node: JsonNode | undefined): boolean => node?.kind === 'array' && node.items.length > 0;

/** `*`, `443`, `80-90,443`, `tcp:443` or `icmp:*`. */
function readService(reader: Reader, word: Word): Service[] {
  const { text } = word;
  if (text === '*') return [{ protocols: [], ports: [ALL_PORTS] }];
  const colon = text.indexOf(':');
  const protocols = colon < 0 ? [] : parseProtocol(text.slice(0, colon));
  if (typeof protocols === 'string') {
    const hint = () => didYouMean(text.slice(0, colon), PROTOCOL_NAMES);
    reader.error(word, { code: 'policy.bad_protocol', message: protocols, hint });
    return [];
  }
  const portText = text.slice(colon + 1);
  const ports = parsePorts(portText);
  if (typeof ports === 'string') {
    const message = `port range ${JSON.stringify(portText)}: ${ports}`;
    reader.error(word, { code: 'policy.bad_ports', message, hint: 'write "443", "tcp:443", "udp:5000-5100" or "*"' });
    return [];
  }
  checkPortless(reader, word, { protocols, ports });
  return [{ protocols, ports }];
}

/** The capabilities of the reference's own domain that a policy may grant; the others are the control plane's to give. */
const GRANTABLE: readonly string[] = ['drive', 'relay', 'webui', 'kubernetes', 'tsidp', 'secrets'];

function readCapabilities(reader: Reader, node: JsonNode): Record<string, readonly unknown[]> {
  const capabilities: Record<string, readonly unknown[]> = {};
  for (const { key, keyStart, value } of reader.entries(node, '"app"')) {
    const complaint = capabilityComplaint(key);
    if (complaint) reader.error(keyStart, { code: 'policy.bad_capability', message: complaint, hint: CAPABILITY_HINT });
    capabilities[key] = reader.items(value, JSON.stringify(key)).map(plainValue);
  }
  return capabilities;
}

const CAPABILITY_HINT = 'name it after a domain of your own: "example.com/cap/name"';

function capabilityComplaint(name: string): string | undefined {
  if (name.includes('://') || !/^[^/]+\/./.test(name)) return 'capability name must have the form {domain}/{path}';
  if (!name.startsWith('tailscale.com/')) return undefined;
  const grantable = GRANTABLE.some((path) => name === `tailscale.com/cap/${path}`);
  return grantable ? undefined : 'capability name must not be in the tailscale.com domain';
}

function checkDestinations(reader: Reader, dst: readonly Mention[], hasCapabilities: boolean): void {
  const internet = dst.find(({ text }) => text === 'autogroup:internet');
  if (internet && hasCapabilities) {
    const message = 'cannot use app grants with autogroup:internet';
    reader.error(internet, { code: 'policy.internet_capability', message, hint: 'no one out there could honour it' });
  }
  const all = dst.find(({ target }) => target.kind === 'addresses' && target.prefixes.some((p) => p.endsWith('/0')));
  if (all) {
    const message = `dst ${JSON.stringify(all.text)}: to allow all IP addresses, use "*" or "autogroup:internet"`;
    reader.error(all, { code: 'policy.default_route', message });
  }
}
