import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { concatBytes, utf8 } from '#kernel';
import type { LedgerHead } from './checkpoint.js';
import {
  type CommandClaim as CommandClaimMessage,
  CommandClaimSchema,
  HelloClaimSchema,
  RegisterClaimSchema,
} from './gen/netfold/v1/agent_pb.js';
import { malformed, reading, safeNumber } from './malformed.js';

/** A claim as it was signed, and the Ed25519 signature of `claimBytesToSign`. */
export interface SignedClaim {
  readonly claim: Uint8Array;
  readonly signature: Uint8Array;
}

/** What the machine asserts when it joins. */
export interface RegisterClaim {
  readonly nonce: Uint8Array;
  /** Ed25519, 32 bytes: the machine's identity, which signs this claim. */
  readonly machineKey: Uint8Array;
  /** X25519, 32 bytes: the WireGuard public key. */
  readonly nodeKey: Uint8Array;
  readonly hostname: string;
  readonly os: string;
  /** The same id again yields the first outcome. */
  readonly commandId: string;
  /** `tag:web` */
  readonly tags: readonly string[];
  /** To be removed when it has been offline for a while. */
  readonly ephemeral: boolean;
  readonly authKey?: string;
  /** Of `AgentClient.beginLogin`, instead of an auth key. */
  readonly loginTicket?: string;
}

/** A change that a node asks for on its own behalf. */
export type NodeAction =
  | { readonly kind: 'rotate-key'; readonly nodeKey: Uint8Array }
  /** The whole set of prefixes that it offers to route; what is missing is withdrawn. */
  | { readonly kind: 'advertise-routes'; readonly prefixes: readonly string[] }
  | { readonly kind: 'set-hostname'; readonly hostname: string }
  /** Expires the node's key at once. */
  | { readonly kind: 'logout' };

/** A node's request for a change. */
export interface CommandClaim {
  readonly nonce: Uint8Array;
  readonly nodeId: string;
  readonly commandId: string;
  readonly action: NodeAction;
}

/** The netmap that an agent last applied. */
export interface Resume {
  readonly epoch: Uint8Array;
  readonly revision: number;
  readonly digest: Uint8Array;
}

/** Who opens a stream, and what it already has. */
export interface HelloClaim {
  readonly nonce: Uint8Array;
  readonly nodeId: string;
  readonly clientVersion: string;
  readonly os: string;
  readonly resume?: Resume;
  /** The newest ledger that was proven to the agent. */
  readonly ledger?: LedgerHead;
  /** Higher than that of every stream before; absent for an older agent, which does not count. */
  readonly streamNumber?: number;
}

/** The kinds of claim, each with its signature domain, so that a signature for one is none for another. */
export const CLAIM_DOMAIN = {
  // The same claim, for another purpose.
  beginLogin: `${RegisterClaimSchema.typeName}.BeginLogin`,
  register: RegisterClaimSchema.typeName,
  command: CommandClaimSchema.typeName,
  hello: HelloClaimSchema.typeName,
} as const;

/** The bytes that the machine key signs: domain ‖ 0 ‖ claim (see agent.proto). */
export const claimBytesToSign = (kind: keyof typeof CLAIM_DOMAIN, claim: Uint8Array): Uint8Array =>
  concatBytes(utf8(CLAIM_DOMAIN[kind]), Uint8Array.of(0), claim);

export function encodeRegisterClaim({ authKey, loginTicket, ...claim }: RegisterClaim): Uint8Array {
  const login = loginTicket === undefined ? undefined : ({ case: 'loginTicket', value: loginTicket } as const);
  const credential = authKey === undefined ? login : ({ case: 'authKey', value: authKey } as const);
  return toBinary(RegisterClaimSchema, create(RegisterClaimSchema, { ...claim, tags: [...claim.tags], credential }));
}

/** @throws NetfoldError `wire.malformed` */
export function decodeRegisterClaim(bytes: Uint8Array): RegisterClaim {
  const { $typeName, $unknown, credential, ...claim } = reading('a RegisterClaim', () =>
    fromBinary(RegisterClaimSchema, bytes),
  );
  if (claim.machineKey.length !== 32) throw malformed('a RegisterClaim', 'machine_key must have 32 bytes');
  if (claim.nodeKey.length !== 32) throw malformed('a RegisterClaim', 'node_key must have 32 bytes');
  return credential.case === undefined ? claim : { ...claim, [credential.case]: credential.value };
}

export function encodeCommandClaim({ action, ...claim }: CommandClaim): Uint8Array {
  return toBinary(CommandClaimSchema, create(CommandClaimSchema, { ...claim, action: actionMessage(action) }));
}

/** @throws NetfoldError `wire.malformed` */
export function decodeCommandClaim(bytes: Uint8Array): CommandClaim {
  const { nonce, nodeId, commandId, action } = reading('a CommandClaim', () => fromBinary(CommandClaimSchema, bytes));
  return { nonce, nodeId, commandId, action: nodeAction(action) };
}

export function encodeHelloClaim({ resume, ledger, streamNumber = 0, ...claim }: HelloClaim): Uint8Array {
  return toBinary(
    HelloClaimSchema,
    create(HelloClaimSchema, {
      ...claim,
      streamNumber: BigInt(streamNumber),
      ...(resume && { resume: { ...resume, revision: BigInt(resume.revision) } }),
      ...(ledger && { ledger: { ...ledger, size: BigInt(ledger.size) } }),
    }),
  );
}

/** @throws NetfoldError `wire.malformed` */
export function decodeHelloClaim(bytes: Uint8Array): HelloClaim {
  const message = reading('a HelloClaim', () => fromBinary(HelloClaimSchema, bytes));
  const { nonce, nodeId, clientVersion, os, resume, ledger } = message;
  const streamNumber = safeNumber('stream_number', message.streamNumber);
  return {
    nonce,
    nodeId,
    clientVersion,
    os,
    ...(resume && {
      resume: { epoch: resume.epoch, revision: safeNumber('resume.revision', resume.revision), digest: resume.digest },
    }),
    ...(ledger && { ledger: { size: safeNumber('ledger.size', ledger.size), root: ledger.root } }),
    ...(streamNumber > 0 && { streamNumber }),
  };
}

function actionMessage(action: NodeAction): MessageInitShape<typeof CommandClaimSchema>['action'] {
  switch (action.kind) {
    case 'rotate-key':
      return { case: 'rotateKey', value: { nodeKey: action.nodeKey } };
    case 'advertise-routes':
      return { case: 'advertiseRoutes', value: { prefixes: [...action.prefixes] } };
    case 'set-hostname':
      return { case: 'setHostname', value: { hostname: action.hostname } };
    case 'logout':
      return { case: 'logout', value: {} };
  }
}

function nodeAction(action: CommandClaimMessage['action']): NodeAction {
  switch (action.case) {
    case 'rotateKey':
      if (action.value.nodeKey.length !== 32) throw malformed('a RotateKey', 'node_key must have 32 bytes');
      return { kind: 'rotate-key', nodeKey: action.value.nodeKey };
    case 'advertiseRoutes':
      return { kind: 'advertise-routes', prefixes: action.value.prefixes };
    case 'setHostname':
      return { kind: 'set-hostname', hostname: action.value.hostname };
    case 'logout':
      return { kind: 'logout' };
    default:
      throw malformed('a CommandClaim', 'it names no action that this version knows');
  }
}
