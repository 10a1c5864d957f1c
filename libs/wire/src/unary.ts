import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { SignedClaim } from './claims.js';
import {
  BeginLoginResponseSchema,
  ChallengeResponseSchema,
  CommandResponseSchema,
  NodeStatus,
  RegisterRequestSchema,
  RegisterResponseSchema,
} from './gen/netfold/v1/agent_pb.js';
import { malformed, reading, safeNumber } from './malformed.js';
import type { LoginBegun, Registration } from './messages.js';

const STATUS = {
  active: NodeStatus.ACTIVE,
  pending: NodeStatus.PENDING,
  expired: NodeStatus.EXPIRED,
} as const satisfies Record<Registration['status'], NodeStatus>;

const STATUS_NAME: ReadonlyMap<NodeStatus, Registration['status']> = new Map(
  Object.entries(STATUS).map(([name, value]) => [value, name as Registration['status']]),
);

export const encodeChallenge = (nonce: Uint8Array): Uint8Array =>
  toBinary(ChallengeResponseSchema, create(ChallengeResponseSchema, { nonce }));

/** @throws NetfoldError `wire.malformed` */
export const decodeChallenge = (bytes: Uint8Array): Uint8Array =>
  reading('a ChallengeResponse', () => fromBinary(ChallengeResponseSchema, bytes)).nonce;

/** A `RegisterRequest` or a `CommandRequest`: they have the same shape. */
export const encodeSignedClaim = ({ claim, signature }: SignedClaim): Uint8Array =>
  toBinary(RegisterRequestSchema, create(RegisterRequestSchema, { claim, signature }));

/** @throws NetfoldError `wire.malformed` */
export function decodeSignedClaim(bytes: Uint8Array): SignedClaim {
  const { claim, signature } = reading('a signed claim', () => fromBinary(RegisterRequestSchema, bytes));
  return { claim, signature };
}

export const encodeLoginBegun = ({ url, ticket }: LoginBegun): Uint8Array =>
  toBinary(BeginLoginResponseSchema, create(BeginLoginResponseSchema, { url, ticket }));

/** @throws NetfoldError `wire.malformed` */
export function decodeLoginBegun(bytes: Uint8Array): LoginBegun {
  const { url, ticket } = reading('a BeginLoginResponse', () => fromBinary(BeginLoginResponseSchema, bytes));
  return { url, ticket };
}

export function encodeRegistration(registration: Registration): Uint8Array {
  return toBinary(
    RegisterResponseSchema,
    create(RegisterResponseSchema, {
      ...registration,
      addresses: [...registration.addresses],
      status: STATUS[registration.status],
      revision: BigInt(registration.revision),
    }),
  );
}

/** @throws NetfoldError `wire.malformed` */
export function decodeRegistration(bytes: Uint8Array): Registration {
  const message = reading('a RegisterResponse', () => fromBinary(RegisterResponseSchema, bytes));
  const { nodeId, tailnet, name, addresses, ledgerKey } = message;
  const status = STATUS_NAME.get(message.status);
  if (!status) throw malformed('a RegisterResponse', `its status ${message.status} is unknown`);
  const revision = safeNumber('revision', message.revision);
  return { nodeId, tailnet, name, addresses, status, revision, ...(ledgerKey && { ledgerKey }) };
}

/** @param revision of the ledger, after the command */
export const encodeCommandDone = (revision: number): Uint8Array =>
  toBinary(CommandResponseSchema, create(CommandResponseSchema, { revision: BigInt(revision) }));

/** @throws NetfoldError `wire.malformed` */
export const decodeCommandDone = (bytes: Uint8Array): number =>
  safeNumber('revision', reading('a CommandResponse', () => fromBinary(CommandResponseSchema, bytes)).revision);
