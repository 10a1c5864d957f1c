import { create, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { StreamResponseSchema } from './gen/netfold/v1/agent_pb.js';
import {
  PeerPresenceSchema,
  type PresenceUpdate as PresenceUpdateMessage,
  PresenceUpdateSchema,
} from './gen/netfold/v1/presence_pb.js';
import { safeNumber } from './malformed.js';
import type { PeerPresence } from './messages.js';
import { wrap } from './wrap.js';

const encoded = new WeakMap<PeerPresence, Uint8Array>();

/** A whole `StreamResponse`. Like an item, a presence is encoded once, for all who are told of it. */
export const encodePresenceUpdate = (peers: readonly PeerPresence[]): Uint8Array =>
  wrap(StreamResponseSchema.field.presence.number, peers.map(field));

function field(peer: PeerPresence): Uint8Array {
  const known = encoded.get(peer);
  if (known) return known;
  const { nodeId, online, endpoints, lastSeen, takesLetters = false } = peer;
  const message = { nodeId, online, endpoints: [...endpoints], lastSeen: BigInt(Math.trunc(lastSeen)), takesLetters };
  const fresh = new BinaryWriter()
    .tag(PresenceUpdateSchema.field.peers.number, WireType.LengthDelimited)
    .bytes(toBinary(PeerPresenceSchema, create(PeerPresenceSchema, message)))
    .finish();
  encoded.set(peer, fresh);
  return fresh;
}

/** @throws NetfoldError `wire.malformed` */
export const presenceFrom = (message: PresenceUpdateMessage): PeerPresence[] =>
  message.peers.map(({ nodeId, online, endpoints, lastSeen, takesLetters }) => ({
    nodeId,
    online,
    endpoints,
    lastSeen: safeNumber('presence.last_seen', lastSeen),
    ...(takesLetters && { takesLetters }),
  }));
