import type { AgentStream } from './agent-stream.js';
import type { SentFrame } from './sent-frame.js';

/** Told of what agents are sent, and what they have. */
export interface StreamObserver {
  sent(tailnetId: string, stream: AgentStream, frame: SentFrame): void;
  /** The agent has the netmap of this revision, and of all before it. */
  applied(tailnetId: string, stream: AgentStream, revision: number): void;
  left(tailnetId: string, stream: AgentStream): void;
}
