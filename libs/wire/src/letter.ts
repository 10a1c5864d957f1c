import type { Letter as LetterMessage } from './gen/netfold/v1/agent_pb.js';
import { malformed } from './malformed.js';
import { type Letter, MAX_LETTER_BYTES } from './messages.js';

/** @throws NetfoldError `wire.malformed` for one that no server passes on */
export function letterFrom({ nodeId, content }: LetterMessage): Letter {
  if (content.length <= MAX_LETTER_BYTES) return { nodeId, content };
  throw malformed('a Letter', `it has ${content.length} bytes, and at most ${MAX_LETTER_BYTES} are allowed`);
}
