import { once } from 'node:events';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { CryptoChoice } from '#crypto';
import { type Endpoint, libc, openTunDevice, type TunDevice } from '#host';
import { NetfoldError, type Problem, toBase64 } from '#kernel';
import type { EngineStatus } from '#wireguard';
import type { DataPath, DataPathFeatures, DataPathListener, EngineControl, FilterControl } from './data-path.js';
import { closeUdpSockets, markUdpSockets, moveUdpSockets, openUdpSockets, type UdpSockets } from './io/udp-sockets.js';
import { PeerMirrors } from './peer-mirrors.js';
import type { UdpPath } from './udp-path.js';
import { type Answer, type Calls, type Notice, SHARED, type WorkerSetup } from './worker/protocol.js';
import { joiningOf } from './worker/tun-port.js';

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
  /** Milliseconds of a clock that never goes back: the one that `now` is given by. */
  readonly monotonic: () => number;
}

// A turn of the worker takes milliseconds: whoever waits longer waits for a thread that hangs.
const PATIENCE_MS = 10_000;

/**
 * A data path in a thread of its own, with engine and filter: it moves many packets with each system call. What is
 * asked of them is done when the call returns, between two batches of packets. Linux only; needs root.
 */
export class WorkerDataPath implements DataPath {
  readonly engine: EngineControl;
  readonly filter: FilterControl;
  readonly #mirrors = new PeerMirrors();
  readonly #one = new libc.SystemMemory(4096);
  readonly #requests = new MessageChannel();
  readonly #shared = new Int32Array(new SharedArrayBuffer(4 * SHARED.length));
  readonly #wakeFd = libc.eventfd(0, libc.O_NONBLOCK | libc.O_CLOEXEC);
  readonly #worker: Worker;
  readonly #stopWorker = (): void => this.#stop();
  #sockets: UdpSockets;
  #mark: number;
  #crypto: Pick<DataPathFeatures, 'crypto' | 'cryptos'> | undefined;
  #lastStatus: EngineStatus<UdpPath> | undefined;
  #listener: DataPathListener | undefined;
  #problem: Problem | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    { mtu, mark, monotonic, crypto = 'auto' }: WorkerDataPathOptions,
    readonly tun: TunDevice,
    sockets: UdpSockets,
  ) {
    this.#sockets = sockets;
    this.#mark = mark;
    this.#one.view.setBigUint64(0, 1n, true);
    const setup: WorkerSetup = {
      tun: { fd: tun.fd, mtu, offloads: tun.offloads },
      sockets,
      wakeFd: this.#wakeFd,
      shared: this.#shared.buffer as SharedArrayBuffer,
      crypto,
      clockOffset: monotonic() - Number(process.hrtime.bigint()) / 1e6,
    };
    const requests = this.#requests.port2;
    // Flags of the program, such as those of a test runner, are not for the worker.
    this.#worker = new Worker(new URL('./worker/worker.js', import.meta.url), {
      workerData: { setup, requests },
      transferList: [requests],
      execArgv: [],
    });
    this.#worker.on('message', (notice: Notice) => this.#note(notice));
    this.#worker.on('error', (error) => this.#fail(lost(error.message)));
    // A thread that blocks in a system call cannot be stopped from outside: without this, process.exit() hangs.
    process.once('exit', this.#stopWorker);
    this.engine = this.#engineControl();
    this.filter = {
      setSelf: (self) => this.#call('setSelf', self),
      setRules: (rules) => this.#call('setRules', rules),
      setPeer: (peer) => this.#call('setFilterPeer', peer),
      removePeer: (id) => this.#call('removeFilterPeer', id),
    };
  }

  /**
   * @throws NetfoldError as `openTunDevice` and `openUdpSockets` do, and `dataplane.lost` when the thread does not start;
   * nothing is left behind then
   */
  static async open(options: WorkerDataPathOptions): Promise<WorkerDataPath> {
    const sockets = openUdpSockets(options.port, options.mark);
    let tun: TunDevice;
    try {
      tun = openTunDevice(options.tunName, true);
    } catch (error) {
      closeUdpSockets(sockets);
      throw error;
    }
    const path = new WorkerDataPath(options, tun, sockets);
    await Promise.race([once(path.#worker, 'message'), once(path.#worker, 'exit')]).catch(() => {});
    if (path.#crypto) return path;
    await path.close();
    throw new NetfoldError(path.#problem ?? lost('its thread ended'));
  }

  get #isOpen(): boolean {
    return !this.#problem && !this.#closing;
  }

  get localPort(): number {
    return this.#sockets.port;
  }

  get features(): DataPathFeatures {
    const { tcp, udp } = joiningOf(this.tun.offloads);
    return {
      kind: 'worker',
      ...(this.#crypto ?? { crypto: '', cryptos: [] }),
      tcpOffload: tcp,
      udpOffload: udp,
      sendOffload: this.#isOpen && this.#call('splits'),
      receiveOffload: this.#sockets.joined,
    };
  }

  setPort(port: number): void {
    if (port !== 0 && port === this.localPort) return;
    this.#sockets = moveUdpSockets(this.#sockets, port, this.#mark);
    this.#wake(); // it waits for what the former sockets bring
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
    return this.#call('send', packet);
  }

  transmit(to: Endpoint, datagram: Uint8Array): void {
    this.#call('transmit', to, datagram);
  }

  captureEchoReplies(identifier: number): void {
    this.#call('captureEchoReplies', identifier);
  }

  /** The worker keeps its own deadlines. */
  settle(): void {}

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    process.off('exit', this.#stopWorker);
    const running = this.#worker.threadId >= 0;
    const ended = running && once(this.#worker, 'exit');
    this.#stop();
    await ended;
    this.#requests.port1.close();
    closeUdpSockets(this.#sockets);
    libc.close(this.tun.fd);
    libc.close(this.#wakeFd);
  }

  #stop(): void {
    Atomics.store(this.#shared, SHARED.mustEnd, 1);
    this.#wake();
  }

  #wake(): void {
    libc.write(this.#wakeFd, this.#one.address, 8);
  }

  #engineControl(): EngineControl {
    const publicKey = () => this.#call('publicKey');
    return {
      addPeer: (_now, config) => {
        this.#call('addPeer', config);
        return this.#mirrors.add(config.publicKey, config.label ?? toBase64(config.publicKey), config.path);
      },
      updatePeer: (_now, publicKey, changes) => {
        this.#call('updatePeer', publicKey, changes);
        if (changes.path) this.#mirrors.setPath(publicKey, changes.path);
      },
      removePeer: (publicKey) => {
        this.#call('removePeer', publicKey);
        this.#mirrors.remove(publicKey);
      },
      replacePeerKey: (_now, before, after) => {
        this.#call('replacePeerKey', before, after);
        this.#mirrors.setKey(before, after);
      },
      setPrivateKey: (privateKey) => this.#call('setPrivateKey', privateKey),
      rotatePrivateKey: (_now, privateKey, overlap) => this.#call('rotatePrivateKey', privateKey, overlap),
      retireIdentity: (_now, publicKey, delay) => this.#call('retireIdentity', publicKey, delay),
      get publicKey() {
        return publicKey();
      },
      configuration: () => this.#call('configuration'),
      peerStatus: (publicKey) => this.#call('peerStatus', publicKey),
      status: () => this.#status(),
    };
  }

  /** As it was last, once the worker is lost. */
  #status(): EngineStatus<UdpPath> {
    if (this.#isOpen || !this.#lastStatus) this.#lastStatus = this.#call('status');
    return this.#lastStatus;
  }

  /** Asks the worker and waits for the answer. */
  #call<K extends keyof Calls>(call: K, ...words: Parameters<Calls[K]>): ReturnType<Calls[K]> {
    if (this.#closing) throw new NetfoldError(lost('it is closed'));
    if (this.#problem) throw new NetfoldError(this.#problem);
    const before = Atomics.load(this.#shared, SHARED.answered);
    this.#requests.port1.postMessage({ call, words });
    this.#wake();
    const waited = Atomics.wait(this.#shared, SHARED.answered, before, PATIENCE_MS);
    const received: { message: Answer } | undefined = receiveMessageOnPort(this.#requests.port1);
    if (waited === 'timed-out' || !received) throw new NetfoldError(this.#fail(lost('its thread does not answer')));
    if ('problem' in received.message) throw new NetfoldError(received.message.problem);
    return received.message.result as ReturnType<Calls[K]>;
  }

  #note(notice: Notice): void {
    if (notice.kind === 'ready') this.#crypto = { crypto: notice.crypto, cryptos: notice.cryptos };
    else if (notice.kind === 'failed') this.#fail(notice.problem);
    else if (notice.kind === 'initiation') this.#listener?.initiationSent(notice.path, notice.datagram);
    else if (notice.kind === 'echo-reply') this.#listener?.echoReply(notice.packet);
    else if (notice.kind === 'not-wireguard') {
      Atomics.sub(this.#shared, SHARED.foreign, 1);
      this.#listener?.notWireguard(notice.path, notice.datagram);
    } else {
      const event = this.#mirrors.reflect(notice.event);
      if (event) this.#listener?.event(event);
    }
  }

  #fail(problem: Problem): Problem {
    this.#problem ??= problem;
    this.#listener?.failed(problem);
    return problem;
  }
}

const lost = (cause: string): Problem => ({
  code: 'dataplane.lost',
  message: `packets no longer come or go: ${cause}`,
  hint: 'start the agent again',
});
