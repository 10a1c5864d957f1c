import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { NetfoldError } from '#kernel';
import { close, eventfd, O_CLOEXEC, O_NONBLOCK, SystemMemory, write } from '../system/libc.js';
import type { PacketListener, Tun } from './tun.js';
import { openTunDevice } from './tun-device.js';
import type { ReaderMessage, ReaderSetup } from './tun-reader.js';

export interface LinuxTunOptions {
  /** At most 15 characters. A `%d` in it becomes the first number that is free. */
  readonly name: string;
  /** What the interface is (or will be) configured with; opening does not configure it. */
  readonly mtu: number;
  /** Called once if the interface is lost while open, such as when someone deletes it. */
  readonly onFailure?: (error: NetfoldError) => void;
}

// Batches on their way from the reader; beyond that it waits and the kernel's own queue fills up, then drops.
const MOST_PENDING = 32;
const LARGEST_PACKET = 65_535;

/**
 * A TUN interface of Linux. The device goes when it is closed, or with the process.
 *
 * A thread waits for packets, since nothing in Node can poll such a descriptor; they are written from the calling thread.
 */
export class LinuxTun implements Tun {
  readonly #memory = new SystemMemory(LARGEST_PACKET + 1);
  readonly #wake = new SystemMemory(4096);
  readonly #pending = new Int32Array(new SharedArrayBuffer(8));
  readonly #wakeFd: number;
  readonly #reader: Worker;
  readonly #stopReader = (): void => this.#stop();
  #listener: PacketListener | undefined;
  #closing: Promise<void> | undefined;

  private constructor(
    readonly name: string,
    readonly mtu: number,
    readonly fd: number,
    onFailure: ((error: NetfoldError) => void) | undefined,
  ) {
    this.#wakeFd = eventfd(0, O_NONBLOCK | O_CLOEXEC);
    this.#wake.view.setBigUint64(0, 1n, true);
    const setup: ReaderSetup = { fd, wakeFd: this.#wakeFd, pending: this.#pending, mostPending: MOST_PENDING };
    // Flags of the program, such as those of a test runner, are not for the reader.
    this.#reader = new Worker(readerFile(), { workerData: setup, execArgv: [] });
    this.#reader.on('message', (message: ReaderMessage) => {
      if (message.kind === 'packets') this.#receive(message);
      else onFailure?.(lost(name, message.cause));
    });
    this.#reader.on('error', (cause) => onFailure?.(lost(name, cause.message)));
    // A thread that blocks in a system call cannot be stopped from outside: without this, process.exit() hangs.
    process.once('exit', this.#stopReader);
  }

  /** @throws NetfoldError `host.no_tun`, `host.need_root`, `host.interface_in_use`, `host.bad_interface_name`, `host.tun_failed` */
  static async open({ name, mtu, onFailure }: LinuxTunOptions): Promise<LinuxTun> {
    const device = openTunDevice(name);
    const tun = new LinuxTun(device.name, mtu, device.fd, onFailure);
    await once(tun.#reader, 'online');
    return tun;
  }

  onPackets(listener: PacketListener): void {
    this.#listener = listener;
  }

  write(packet: Uint8Array): void {
    if (this.#closing || packet.length > LARGEST_PACKET) return;
    this.#memory.bytes.set(packet);
    // Refused when the interface is down, or the packet is none: either way it is lost, as packets may be.
    write(this.fd, this.#memory.address, packet.length);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    process.off('exit', this.#stopReader);
    const ended = once(this.#reader, 'exit');
    this.#stop();
    await ended;
    close(this.fd);
    close(this.#wakeFd);
  }

  #stop(): void {
    Atomics.store(this.#pending, 1, 1);
    Atomics.notify(this.#pending, 0);
    write(this.#wakeFd, this.#wake.address, 8);
  }

  #receive({ bytes, lengths }: Extract<ReaderMessage, { kind: 'packets' }>): void {
    Atomics.sub(this.#pending, 0, 1);
    Atomics.notify(this.#pending, 0);
    if (this.#closing || !this.#listener) return;
    let offset = 0;
    const packets = lengths.map((length) => {
      offset += length;
      return bytes.subarray(offset - length, offset);
    });
    this.#listener(packets);
  }
}

// Beside this file in the same language: the sources run unbuilt in tests, where Node strips the reader's types itself.
const readerFile = (): URL =>
  new URL(import.meta.url.endsWith('.ts') ? './tun-reader.ts' : './tun-reader.js', import.meta.url);

const lost = (name: string, cause: string): NetfoldError =>
  new NetfoldError({
    code: 'host.tun_lost',
    message: `the interface ${name} was lost: ${cause}`,
    hint: 'somebody may have deleted it; start the agent again to make it anew',
  });
