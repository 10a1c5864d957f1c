import type { Capabilities, PortRange } from '../compile/rule.js';

/** Where something stands in the file, for messages; 1-based. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A name as sources, destinations, owners and approvers use it, in its canonical spelling. */
export type Target =
  | { readonly kind: 'wildcard' }
  /** `alice@example.com` */
  | { readonly kind: 'user'; readonly name: string }
  /** `user:*@example.com`: all users of a domain */
  | { readonly kind: 'domain'; readonly name: string }
  /** `group:eng`, with its prefix */
  | { readonly kind: 'group'; readonly name: string }
  /** `tag:web`, with its prefix */
  | { readonly kind: 'tag'; readonly name: string }
  /** `autogroup:member`, with its prefix */
  | { readonly kind: 'autogroup'; readonly name: string }
  /** A name from `hosts` */
  | { readonly kind: 'host'; readonly name: string }
  /** `ipset:office`, with its prefix */
  | { readonly kind: 'ipset'; readonly name: string }
  /** An address, CIDR prefix or address range, as the prefixes that it consists of */
  | { readonly kind: 'addresses'; readonly prefixes: readonly string[] };

/** A target where the file names it. */
export interface Mention extends Place {
  readonly target: Target;
  /** The text of the file. */
  readonly text: string;
}

/** A mention with its own ports, as `acls` write them: `tag:web:80,443`. */
export interface PortMention extends Mention {
  readonly ports: readonly PortRange[];
}

/** `tcp:443`, `udp:*`, `icmp:*`, `443`: what a grant lets through. */
export interface Service {
  /** IANA numbers; empty: the default set. */
  readonly protocols: readonly number[];
  readonly ports: readonly PortRange[];
}

/** A rule of `acls` or `grants`. */
export interface AccessRule extends Place {
  /** `acls[3]` */
  readonly name: string;
  /** Its own text in the file. */
  readonly source: string;
  readonly action: 'accept' | 'drop';
  readonly src: readonly Mention[];
  /** Each with what may pass; in a grant they all share its services. */
  readonly dst: readonly { readonly to: Mention; readonly services: readonly Service[] }[];
  readonly capabilities: Capabilities | undefined;
  readonly via: readonly Mention[];
  /** Names of postures (`posture:trusted`), one of which the source must meet. */
  readonly srcPosture: readonly Mention[];
}

export interface AutoApprovers {
  readonly routes: ReadonlyMap<string, readonly Mention[]>;
  readonly exitNode: readonly Mention[];
}

export interface SshRule extends Place {
  readonly name: string;
  readonly action: 'accept' | 'check';
  readonly src: readonly Mention[];
  readonly dst: readonly Mention[];
  /** `root`, `autogroup:nonroot`, `localpart:*@example.com` or the name of a local user. */
  readonly users: readonly string[];
  /** In seconds; 0: always; undefined: the default of twelve hours. Only for `check`. */
  readonly checkPeriod: number | undefined;
  readonly acceptEnv: readonly string[];
  readonly recorder: readonly Mention[];
  readonly enforceRecorder: boolean;
  readonly srcPosture: readonly Mention[];
}

export interface NodeAttribute extends Place {
  readonly name: string;
  readonly target: readonly Mention[];
  readonly attributes: readonly string[];
  /** Application-level settings: name → values, as the file states them. */
  readonly app: Readonly<Record<string, readonly unknown[]>>;
  /** Prefixes out of which the targets get their addresses. */
  readonly ipPool: readonly string[];
}

/** `node:os == 'linux'`, `custom:tier IN ['prod', 'stage']`, `node:tsReleaseTrack IS SET`. */
export interface PostureCondition {
  readonly attribute: string;
  readonly operator: '==' | '!=' | '<' | '<=' | '>' | '>=' | 'IN' | 'NOT IN' | 'IS SET' | 'NOT SET';
  readonly values: readonly (string | number | boolean)[];
}

/** A test of what the policy lets through, kept in the file: saving fails when it does not hold. */
export interface PolicyTest extends Place {
  readonly name: string;
  readonly src: string;
  readonly protocols: readonly number[];
  readonly protocolName: string;
  readonly srcPostureAttributes: Readonly<Record<string, unknown>> | undefined;
  readonly accept: readonly TestTarget[];
  readonly deny: readonly TestTarget[];
}

export interface TestTarget extends Place {
  readonly text: string;
}

export interface SshTest extends Place {
  readonly name: string;
  readonly src: Mention | undefined;
  readonly dst: readonly Mention[];
  readonly accept: readonly string[];
  readonly deny: readonly string[];
  readonly check: readonly string[];
}

/** A policy file that was understood: every name is canonical, and everything it refers to exists. */
export interface Policy {
  /** `group:eng` → login names */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** `tag:web` → who may assign it */
  readonly tagOwners: ReadonlyMap<string, readonly Mention[]>;
  /** name → CIDR prefix */
  readonly hosts: ReadonlyMap<string, string>;
  /** `ipset:office` → CIDR prefixes */
  readonly ipsets: ReadonlyMap<string, readonly string[]>;
  /** `acls` and then `grants`, each in the order of the file; undefined when the file has neither. */
  readonly rules: readonly AccessRule[] | undefined;
  readonly autoApprovers: AutoApprovers;
  readonly ssh: readonly SshRule[];
  readonly nodeAttributes: readonly NodeAttribute[];
  /** `posture:trusted` → conditions, all of which must hold */
  readonly postures: ReadonlyMap<string, readonly PostureCondition[]>;
  readonly defaultSrcPosture: readonly Mention[];
  readonly tests: readonly PolicyTest[];
  readonly sshTests: readonly SshTest[];
  /** The relay map as the file states it, or undefined. */
  readonly derpMap: unknown;
  readonly options: PolicyOptions;
  /** Where each group, tag, host, IP set and posture is defined, by its canonical name. */
  readonly definitions: ReadonlyMap<string, Place>;
}

/** Network-wide options. */
export interface PolicyOptions {
  readonly disableIPv4: boolean;
  readonly oneCGNATRoute: string | undefined;
  readonly randomizeClientPort: boolean;
}
