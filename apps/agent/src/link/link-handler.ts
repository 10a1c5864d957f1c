import type { Problem } from '#kernel';
import type { Ack, Frame, LedgerHead, Letter, PeerPresence, PresenceReport, Resume } from '#wire';

/** What the link to the control plane serves: the rest of the agent. */
export interface LinkHandler {
  /** What to resume from. */
  resume(): Resume | undefined;
  /** The newest ledger that was proven to this machine. */
  ledger(): LedgerHead | undefined;
  /** How this node can be reached right now. */
  presence(): PresenceReport;
  /**
   * Applies a frame before it returns; it answers when a restart would not undo it. The answer names the frame's
   * revision and the digest of what the agent holds then, with the reason when the frame was not applied.
   */
  frame(frame: Frame): Promise<Omit<Ack, 'kind'>>;
  /** The newest about some peers. */
  peers(presence: readonly PeerPresence[]): void;
  /** Another node has written to this one. */
  letter?(letter: Letter): void;
  /** The server says that this node's key has grown old. */
  keyRotationDue?(): void;
  /** The server has taken the hello and sent its first message. */
  connected(): void;
  /** The stream is over; there will be another attempt unless the reason is `agent.removed`. */
  disconnected(problem: Problem | undefined): void;
}
