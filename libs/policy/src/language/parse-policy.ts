import { type JsonNode, plainValue } from '../hujson/json-node.js';
import { parseHujson } from '../hujson/parse-hujson.js';
import { SourceText } from '../hujson/source-text.js';
import { isError, type PolicyProblem } from '../problem.js';
import type { Place, Policy, PolicyOptions } from './policy.js';
import { readAcls } from './read-access.js';
import { readAutoApprovers } from './read-approvers.js';
import { readGrants } from './read-grants.js';
import { readIpsets } from './read-ipsets.js';
import { readGroups, readHosts, readOwners, readTagNames } from './read-names.js';
import { readNodeAttributes } from './read-node-attributes.js';
import { readPostureNames, readPostures } from './read-postures.js';
import { readSsh } from './read-ssh.js';
import { readSshTests, readTests } from './read-tests.js';
import { Reader } from './reader.js';
import type { Scope } from './scope.js';

/** What a policy may refer to beside what it defines itself. */
export interface PolicySurroundings {
  /** Groups that an identity provider synced: `group:eng`. */
  readonly syncedGroups?: Iterable<string>;
  /** The domains of the tailnet's users; without them, every domain is let pass. */
  readonly domains?: Iterable<string>;
}

export interface ParsedPolicy {
  /** Undefined when any problem is an error. */
  readonly policy: Policy | undefined;
  /** All problems, in the order in which the reference looks for them: the first error is the one that it answers. */
  readonly problems: PolicyProblem[];
}

/** Reads a policy file (HuJSON), in time linear in its size. Never throws. */
export function parsePolicy(text: string, surroundings: PolicySurroundings = {}): ParsedPolicy {
  const source = new SourceText(text);
  const reader = new Reader(source);
  const { node, problems } = parseHujson(text);
  for (const { offset, message, hint } of problems) reader.error(offset, { code: 'policy.syntax', message, hint });
  const policy = node && readDocument(reader, node, surroundings);
  return { policy: reader.problems.some(isError) ? undefined : policy, problems: reader.problems };
}

const SECTIONS = [
  'groups',
  'hosts',
  'tagOwners',
  'ipsets',
  'postures',
  'defaultSrcPosture',
  'acls',
  'grants',
  'ssh',
  'nodeAttrs',
  'autoApprovers',
  'tests',
  'sshTests',
  'derpMap',
  'disableIPv4',
  'OneCGNATRoute',
  'randomizeClientPort',
] as const;

type Section = (typeof SECTIONS)[number];

function readDocument(reader: Reader, node: JsonNode, surroundings: PolicySurroundings): Policy {
  const sections: Partial<Record<Section, JsonNode>> = {};
  const keep = (name: Section) => (value: JsonNode) => {
    if (value.kind !== 'null') sections[name] = value;
  };
  reader.fields(node, 'the policy', Object.fromEntries(SECTIONS.map((name) => [name, keep(name)])));
  return readSections(reader, sections, surroundings);
}

/** Names first, then all that refers to them, in the reference's order. */
function readSections(
  reader: Reader,
  sections: Partial<Record<Section, JsonNode>>,
  surroundings: PolicySurroundings,
): Policy {
  const read = <T>(name: Section, how: (node: JsonNode) => T, otherwise: T): T => {
    const node = sections[name];
    return node ? how(node) : otherwise;
  };
  const groups = read('groups', (node) => readGroups(reader, node), new Map());
  const hosts = read('hosts', (node) => readHosts(reader, node), new Map());
  const tags = read('tagOwners', (node) => readTagNames(reader, node), new Map());
  const ipsets = read('ipsets', (node) => readIpsets(reader, node, hosts), new Map());
  const postures = read('postures', (node) => readPostures(reader, node), new Map());
  const scope: Scope = {
    groups: new Set([...groups.keys(), ...(surroundings.syncedGroups ?? [])]),
    hosts,
    tags: new Set(tags.keys()),
    ipsets: new Set(ipsets.keys()),
    postures: new Set(postures.keys()),
    domains: surroundings.domains && new Set(surroundings.domains),
  };
  const defaultSrcPosture = read('defaultSrcPosture', (node) => readPostureNames(reader, node, scope), []);
  const acls = read('acls', (node) => readAcls(reader, node, scope), []);
  const ssh = read('ssh', (node) => readSsh(reader, node, scope), []);
  const grants = read('grants', (node) => readGrants(reader, node, scope), []);
  const nodeAttributes = read('nodeAttrs', (node) => readNodeAttributes(reader, node, scope), []);
  const tagOwners = readOwners(reader, tags, scope);
  const autoApprovers = read('autoApprovers', (node) => readAutoApprovers(reader, node, scope), {
    routes: new Map(),
    exitNode: [],
  });
  return {
    groups,
    tagOwners,
    hosts,
    ipsets,
    rules: sections.acls || sections.grants ? [...acls, ...grants] : undefined,
    autoApprovers,
    ssh,
    nodeAttributes,
    postures,
    defaultSrcPosture,
    tests: read('tests', (node) => readTests(reader, node), []),
    sshTests: read('sshTests', (node) => readSshTests(reader, node, scope), []),
    derpMap: read('derpMap', plainValue, undefined),
    options: readOptions(reader, sections),
    definitions: definitionPlaces(reader, sections),
  };
}

/** The sections that define names, with the prefix that a name may lack there. */
const DEFINING = [
  ['groups', 'group:'],
  ['tagOwners', 'tag:'],
  ['hosts', ''],
  ['ipsets', 'ipset:'],
  ['postures', 'posture:'],
] as const;

function definitionPlaces(reader: Reader, sections: Partial<Record<Section, JsonNode>>): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [section, prefix] of DEFINING) {
    const node = sections[section];
    for (const { key, keyStart } of node?.kind === 'object' ? node.members : []) {
      places.set(key.startsWith(prefix) ? key : prefix + key, reader.placeAt(keyStart));
    }
  }
  return places;
}

function readOptions(reader: Reader, sections: Partial<Record<Section, JsonNode>>): PolicyOptions {
  const { disableIPv4, OneCGNATRoute, randomizeClientPort } = sections;
  return {
    disableIPv4: disableIPv4 ? reader.boolean(disableIPv4, '"disableIPv4"') : false,
    oneCGNATRoute: OneCGNATRoute ? reader.string(OneCGNATRoute, '"OneCGNATRoute"') : undefined,
    randomizeClientPort: randomizeClientPort ? reader.boolean(randomizeClientPort, '"randomizeClientPort"') : false,
  };
}
