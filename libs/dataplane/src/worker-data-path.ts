import type { CryptoChoice } from '#crypto';
import { bootTime, type Endpoint, libc, openTunDevice, type TunDevice } from '#host';
import { NetfoldError, type Problem } from '#kernel';
import type { EngineStatus } from '#wireguard';
import type { DataPath, DataPathFeatures, DataPathListener, EngineControl, FilterControl } from './data-path.js';
import { closePipe, openPipe, type PipeEnds } from './io/host-pipe.js';
import {
  closeUdpSockets,
  markUdpSockets,
  moveUdpSockets,
  openUdpSockets,
  type UdpSockets,
  unjoined,
} from './io/udp-sockets.js';
import { PeerMirrors } from './peer-mirrors.js';
import { Supervisor } from './supervisor.js';
import type { UdpPath } from './udp-path.js';
import type { Calls, Notice } from './worker/protocol.js';
import { joiningOf } from './worker/tun-port.js';
import { CLOSED, type WorkerCalls, WorkerChanges } from './worker-changes.js';
import { engineControlOf, filterControlOf } from './worker-controls.js';

/** What a kernel may do for many packets at once: at the interface, and at the socket on the way out and in. */
export type Offload = 'interface' | 'send' | 'receive';

export interface WorkerDataPathOptions {
  /** Of the interface; at most 15 characters. */
  readonly tunName: string;
  readonly mtu: number;
  /** UDP port; 0 for one that the system picks. */
  readonly port: number;
  /** Of what is sent to peers (SO_MARK). */
  readonly mark: number;
  /** The implementation of the ciphers; `auto` when absent. */
  readonly crypto?: CryptoChoice;
  /** Ways of the kernel to carry many packets as one that are not to be used, such as where they turn out to be faulty. */
  readonly without?: readonly Offload[];
  /** Milliseconds of a clock that never goes back: the one that `now` is given by. */
  readonly monotonic: () => number;
}

/**
 * A data path in a thread of its own, with engine and filter: it moves many packets with each system call. What is
 * asked of them is done when the call returns, between two batches of packets. A thread that ends is replaced by
 * another, which is told all that the first one was; what is asked meanwhile waits for it. Linux only; needs root.
 */
export class WorkerDataPath implements DataPath {
  readonly engine: EngineControl;
  readonly filter: FilterControl;
  readonly #mirrors = new PeerMirrors();
  readonly #changes: WorkerChanges;
  readonly #supervisor: Supervisor;
  readonly #wakeFd = libc.eventfd(0, libc.O_NONBLOCK | libc.O_CLOEXEC);
  readonly #pipes = openPipes();
  #sockets: UdpSockets;
  #mark: number;
  #crypto: Pick<DataPathFeatures, 'crypto' | 'cryptos'> = { crypto: '', cryptos: [] };
  #lastStatus: EngineStatus<UdpPath> | undefined;
  /** As it was last; of a kernel, it says the same without a worker. */
  #splits: boolean;
  #listener: DataPathListener | undefined;
  #problem: Problem | undefined;
  /** Whether the worker was told all that the one before it knew: until then it would refuse what is asked of it. */
  #knowsAll = true;
  #closing: Promise<void> | undefined;

  private constructor(
    { mtu, mark, monotonic, crypto = 'auto', without = [] }: WorkerDataPathOptions,
    readonly tun: TunDevice,
    sockets: UdpSockets,
  ) {
    this.#sockets = sockets;
    this.#mark = mark;
    this.#splits = !without.includes('send');
    const setup = {
      tun: { fd: tun.fd, mtu, offloads: tun.offloads },
      sockets,
      wakeFd: this.#wakeFd,
      pipes: this.#pipes,
      splits: this.#splits,
      crypto,
      clockOffset: monotonic() - bootTime(),
    };
    this.#supervisor = new Supervisor(setup, {
      note: (notice) => this.#note(notice),
      failed: (problem) => this.#fail(problem),
      restarted: () => this.#restore(),
    });
    const worker: WorkerCalls = {
      isUp: () => this.#isUp,
      isClosed: () => this.#closing !== undefined,
      ask: (call, ...words) => this.#ask(call, ...words),
      askIfUp: (call, ...words) => this.#askIfUp(call, ...words),
    };
    const status = { now: () => this.#status(), last: () => this.#lastStatus };
    this.#changes = new WorkerChanges(worker, monotonic);
    this.engine = engineControlOf(worker, this.#changes, this.#mirrors, status);
    this.filter = filterControlOf(worker, this.#changes);
  }

  /**
   * @throws NetfoldError as `openTunDevice` and `openUdpSockets` do, `crypto.unusable`, and `dataplane.lost` when the
   * thread does not start; nothing is left behind then
   */
  static async open(options: WorkerDataPathOptions): Promise<WorkerDataPath> {
    const { without = [] } = options;
    const opened = openUdpSockets(options.port, options.mark);
    const sockets = without.includes('receive') ? unjoined(opened) : opened;
    let tun: TunDevice;
    try {
      tun = openTunDevice(options.tunName, true);
      if (without.includes('interface')) tun = { ...tun, offloads: 0 };
      libc.ioctl(tun.fd, TUNSETOFFLOAD, tun.offloads);
    } catch (error) {
      closeUdpSockets(sockets);
      throw error;
    }
    const path = new WorkerDataPath(options, tun, sockets);
    const problem = await path.#supervisor.started;
    if (!problem) return path;
    await path.close();
    throw new NetfoldError(problem);
  }

  get localPort(): number {
    return this.#sockets.port;
  }

  get features(): DataPathFeatures {
    this.#splits = this.#askIfUp('splits') ?? this.#splits;
    const { tcp, udp } = joiningOf(this.tun.offloads);
    return {
      kind: 'worker',
      ...this.#crypto,
      tcpOffload: tcp,
      udpOffload: udp,
      sendOffload: this.#splits,
      receiveOffload: this.#sockets.joined,
      restarts: this.#supervisor.restarts,
    };
  }

  setPort(port: number): void {
    if (port !== 0 && port === this.localPort) return;
    this.#sockets = moveUdpSockets(this.#sockets, port, this.#mark);
    this.#supervisor.link.wake(); // it waits for what the former sockets bring
  }

  setMark(mark: number): void {
    markUdpSockets(this.#sockets, mark);
    this.#mark = mark;
  }

  listen(listener: DataPathListener): void {
    this.#listener = listener;
    if (this.#problem) listener.failed(this.#problem);
  }

  send(packet: Uint8Array): string | undefined {
    return this.#askIfUp('send', packet);
  }

  transmit(to: Endpoint, datagram: Uint8Array): void {
    this.#askIfUp('transmit', to, datagram);
  }

  receiveFrom(path: UdpPath, datagram: Uint8Array): void {
    this.#askIfUp('receiveFrom', path, datagram);
  }

  captureEchoReplies(identifier: number): void {
    this.#changes.make({ call: 'captureEchoReplies', words: [identifier] });
  }

  together(tasks: readonly (() => void)[]): readonly (Problem | undefined)[] {
    return this.#changes.together(tasks);
  }

  /** Ends the thread, as a crash would: another follows. */
  restart(): void {
    this.#supervisor.link.terminate('it was told to start again');
  }

  /** The worker keeps its own deadlines. */
  settle(): void {}

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#supervisor.close();
    closeUdpSockets(this.#sockets);
    libc.close(this.tun.fd);
    libc.close(this.#wakeFd);
    for (const pipe of this.#pipes ?? []) closePipe(pipe);
  }

  get #isUp(): boolean {
    return !this.#closing && this.#knowsAll && this.#supervisor.link.isAlive;
  }

  /** As it was last, while there is no worker. */
  #status(): EngineStatus<UdpPath> {
    this.#lastStatus = this.#askIfUp('status') ?? this.#lastStatus ?? this.#ask('status');
    return this.#lastStatus;
  }

  #ask<K extends keyof Calls>(call: K, ...words: Parameters<Calls[K]>): ReturnType<Calls[K]> {
    if (this.#closing) throw new NetfoldError(CLOSED);
    return this.#supervisor.link.call(call, ...words);
  }

  /** Who asks at the moment when the thread ends is told as little as who asks after it. */
  #askIfUp<K extends keyof Calls>(call: K, ...words: Parameters<Calls[K]>): ReturnType<Calls[K]> | undefined {
    if (!this.#isUp) return undefined;
    try {
      return this.#ask(call, ...words);
    } catch (error) {
      if (error instanceof NetfoldError && error.code === 'dataplane.lost') return undefined;
      throw error;
    }
  }

  #note(notice: Notice): void {
    const { link } = this.#supervisor;
    if (notice.kind === 'ready') this.#crypto = { crypto: notice.crypto, cryptos: notice.cryptos };
    else if (notice.kind === 'initiation') this.#listener?.initiationSent(notice.path, notice.datagram);
    else if (notice.kind === 'echo-reply') this.#listener?.echoReply(notice.packet);
    else if (notice.kind === 'not-wireguard') {
      link.release('foreign');
      this.#listener?.notWireguard(notice.path, notice.datagram);
    } else if (notice.kind === 'relayed') {
      link.release('relayed');
      this.#listener?.relayed?.(notice.path, notice.datagram);
    } else if (notice.kind === 'event') {
      const { type } = notice.event;
      // What no worker answers under any more is kept no longer.
      if (type === 'identity_retired')
        this.#changes.state.note({ call: 'retireIdentity', words: [notice.event.identity, 0] });
      const event = this.#mirrors.reflect(notice.event);
      if (event) this.#listener?.event(event);
    }
  }

  /** What a worker knew of sessions is gone with it. */
  #fail(problem: Problem): void {
    this.#problem = problem;
    this.#knowsAll = false;
    this.#listener?.failed(problem);
    for (const peer of this.#mirrors.disconnect()) this.#listener?.event({ type: 'session_expired', peer });
  }

  #restore(): void {
    const failures = this.#changes.restore((publicKey) => this.#mirrors.pathOf(publicKey));
    this.#knowsAll = true;
    this.#problem = undefined;
    this.#listener?.restored?.(failures);
  }
}

/** Two, or none. */
function openPipes(): readonly [PipeEnds, PipeEnds] | undefined {
  const [first, second] = [openPipe(), openPipe()];
  if (first && second) return [first, second];
  for (const pipe of [first, second]) if (pipe) closePipe(pipe);
  return undefined;
}

/** linux/if_tun.h: what the host may leave to be done with the packets that it hands over. */
const TUNSETOFFLOAD = 0x400454d0;
