import type { Problem } from '#kernel';
import type { Frame, Letter, PeerPresence, PresenceReport } from '#wire';
import type { LedgerGuard } from '../checkpoint/ledger-guard.js';
import type { LinkHandler } from '../link/link-handler.js';
import type { NetmapFollower } from '../netmap/netmap-follower.js';
import type { PresharedKeys } from '../psk/preshared-keys.js';
import type { PeerMemory } from '../state/peer-memory.js';
import type { DataPlane } from './data-plane.js';

/** What the control plane sends, handed to where it belongs; and how the link to it is. */
export class NodeLink implements LinkHandler {
  #connected = false;
  #problem: Problem | undefined;
  #watchers = new Set<() => void>();

  constructor(
    readonly follower: NetmapFollower,
    readonly plane: DataPlane,
    readonly memory: PeerMemory,
    readonly guard: LedgerGuard,
    readonly report: () => PresenceReport,
    readonly log: (line: string) => void,
    /** What waited for the control plane may go on. */
    readonly onConnected: () => void,
    readonly presharedKeys: Pick<PresharedKeys, 'setConnected' | 'learn' | 'letter'>,
    /** This node's key has grown old, says the control plane. */
    readonly keyRotationDue: () => void,
  ) {}

  get isConnected(): boolean {
    return this.#connected;
  }

  /** Why the last stream ended, while there is no other. */
  get problem(): Problem | undefined {
    return this.#problem;
  }

  resume() {
    return this.follower.resume();
  }

  ledger() {
    return this.guard.head;
  }

  presence(): PresenceReport {
    return this.report();
  }

  async frame(frame: Frame) {
    const refusal = this.guard.check(frame);
    const outcome = refusal ? this.#refused(frame, refusal) : this.follower.frame(frame);
    this.#changed();
    const [{ problem }] = await Promise.all([outcome, this.guard.saved()]);
    if (problem) this.log(`revision ${frame.revision} is not in force: ${problem.message} [${problem.code}]`);
    return outcome;
  }

  /** The last good netmap stays in force, and packets go on. */
  async #refused({ revision }: Frame, problem: Problem) {
    this.log(`ALARM: ${problem.message} [${problem.code}]`);
    return { revision, digest: this.follower.held.digest, problem };
  }

  peers(presence: readonly PeerPresence[]): void {
    for (const peer of presence) this.plane.tunnel.learn(peer);
    this.memory.learn(presence);
    for (const { nodeId } of presence) this.presharedKeys.learn(nodeId);
  }

  letter(letter: Letter): void {
    this.presharedKeys.letter(letter);
  }

  connected(): void {
    this.#connected = true;
    this.#problem = undefined;
    this.log('connected to the control plane');
    this.#changed();
    this.presharedKeys.setConnected(true);
    this.onConnected();
  }

  disconnected(problem: Problem | undefined): void {
    // While it is away, one line is enough.
    if (this.#connected || problem?.code !== this.#problem?.code) this.log(`disconnected: ${reasonOf(problem)}`);
    this.#connected = false;
    this.presharedKeys.setConnected(false);
    this.#problem = problem ?? this.#problem;
    this.#changed();
  }

  /**
   * Resolves when the condition holds, which is looked at whenever the link or the netmap has changed.
   * @param patience milliseconds after which it resolves in any case
   */
  async until(condition: () => boolean, patience: number): Promise<void> {
    if (condition()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const watcher = () => condition() && resolve();
    const timer = setTimeout(resolve, patience);
    this.#watchers.add(watcher);
    await promise;
    this.#watchers.delete(watcher);
    clearTimeout(timer);
  }

  #changed(): void {
    for (const watcher of this.#watchers) watcher();
  }
}

const reasonOf = (problem: Problem | undefined): string =>
  problem ? `${problem.message} [${problem.code}]` : 'the stream ended';
