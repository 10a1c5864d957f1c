import { z } from 'zod';
import { fromUtf8, utf8 } from '#kernel';
import type { PeerPresence } from '#wire';

/** What a replica says of a node whose stream it holds, or held. */
export interface PresenceWord {
  readonly presence: PeerPresence;
  /** Who says so. */
  readonly replica: string;
  /** Counts the node's streams: that of a later stream is higher, whichever replica it was to. */
  readonly generation: number;
  /** Counts what the replica says. */
  readonly sequence: number;
}

const Kept = z.object({
  replica: z.string(),
  generation: z.int().nonnegative(),
  sequence: z.int().nonnegative(),
  online: z.boolean(),
  endpoints: z.array(z.string()),
  lastSeen: z.int().nonnegative(),
  takesLetters: z.literal(true).optional(),
});

/** As other replicas read it, in the same release and in the ones beside it: JSON, to which fields may be added. */
export function encodePresenceWord({ presence, ...word }: PresenceWord): Uint8Array {
  const { nodeId, lastSeen, ...rest } = presence;
  return utf8(JSON.stringify({ ...word, ...rest, lastSeen: Math.trunc(lastSeen) }));
}

/** @throws z.ZodError, SyntaxError when it is not one */
export function decodePresenceWord(nodeId: string, bytes: Uint8Array): PresenceWord {
  const { replica, generation, sequence, takesLetters, ...rest } = Kept.parse(JSON.parse(fromUtf8(bytes)));
  const presence = { nodeId, ...rest, ...(takesLetters && { takesLetters }) };
  return { presence, replica, generation, sequence };
}
