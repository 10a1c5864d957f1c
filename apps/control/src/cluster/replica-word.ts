import { z } from 'zod';
import { fromUtf8, utf8 } from '#kernel';

/** What a replica says of itself, every few seconds. */
export const ReplicaWord = z.object({
  replica: z.string(),
  /** Where agents connect to it, when it says that: `https://r2.example.com:50443`. */
  agentsUrl: z.string().optional(),
  /** `serving`; `draining`: agents go elsewhere; `gone`: this is its last word. */
  state: z.enum(['serving', 'draining', 'gone']),
  /** Up to which release level it reads events; 1 when it does not say. */
  reads: z.int().positive().optional(),
  /** It answers one that has just come, out of turn. */
  welcome: z.literal(true).optional(),
});
export type ReplicaWord = z.infer<typeof ReplicaWord>;

export const encodeReplicaWord = (word: ReplicaWord): Uint8Array => utf8(JSON.stringify(word));

/** @throws z.ZodError, SyntaxError when it is not one */
export const decodeReplicaWord = (bytes: Uint8Array): ReplicaWord => ReplicaWord.parse(JSON.parse(fromUtf8(bytes)));
