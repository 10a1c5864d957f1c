// The thread behind LinuxTun: waits for packets and hands them over in batches.
// It imports nothing of its own project, because in tests Node runs this file as it is, without a build.
import { parentPort, workerData } from 'node:worker_threads';
import koffi from 'koffi';

export interface ReaderSetup {
  readonly fd: number;
  /** An eventfd: readable when the reader must end. */
  readonly wakeFd: number;
  /** Shared: [batches that are not received yet, 1 when the reader must end]. */
  readonly pending: Int32Array;
  readonly mostPending: number;
}

export type ReaderMessage =
  /** Packets one behind the other. */
  | { readonly kind: 'packets'; readonly bytes: Uint8Array; readonly lengths: readonly number[] }
  | { readonly kind: 'failed'; readonly cause: string };

const libc = koffi.load(null);
const poll: (fds: number, count: number, timeout: number) => number = libc.func('poll', 'int', [
  'size_t',
  'ulong',
  'int',
]);
const read: (fd: number, into: number, length: number) => number = libc.func('read', 'long', [
  'int',
  'size_t',
  'size_t',
]);

// poll.h, errno.h
const POLLIN = 1;
const EINTR = 4;
const EAGAIN = 11;
const LARGEST_PACKET = 65_535;
const MOST_PER_BATCH = 64;
const BATCH_BYTES = 4 * LARGEST_PACKET;

const { fd, wakeFd, pending, mostPending } = workerData as ReaderSetup;
const memory = new Uint8Array(new ArrayBuffer(BATCH_BYTES));
const address = Number(koffi.address(memory));
// struct pollfd { int fd; short events; short revents; }
const polled = new DataView(new ArrayBuffer(4096));
const polledAddress = Number(koffi.address(new Uint8Array(polled.buffer)));
for (const [i, descriptor] of [fd, wakeFd].entries()) {
  polled.setInt32(8 * i, descriptor, true);
  polled.setInt16(8 * i + 4, POLLIN, true);
}

const mustEnd = (): boolean => Atomics.load(pending, 1) !== 0;

/** Ends when told to, or with the call that failed. */
function run(): 'poll' | 'read' | undefined {
  while (!mustEnd()) {
    if (poll(polledAddress, 2, -1) < 0 && koffi.errno() !== EINTR) return 'poll';
    if (mustEnd()) return undefined;
    const lengths = readBatch();
    if (!lengths) return 'read';
    if (lengths.length > 0) hand(lengths);
  }
  return undefined;
}

/** Reads what there is, up to a batch; undefined when the interface fails. */
function readBatch(): number[] | undefined {
  const lengths: number[] = [];
  let used = 0;
  while (lengths.length < MOST_PER_BATCH && used + LARGEST_PACKET <= BATCH_BYTES) {
    const length = read(fd, address + used, LARGEST_PACKET);
    if (length < 0) return koffi.errno() === EAGAIN || koffi.errno() === EINTR ? lengths : undefined;
    lengths.push(length);
    used += length;
  }
  return lengths;
}

function hand(lengths: readonly number[]): void {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const bytes = memory.slice(0, total);
  const message: ReaderMessage = { kind: 'packets', bytes, lengths };
  let waiting = Atomics.add(pending, 0, 1) + 1;
  parentPort?.postMessage(message, [bytes.buffer]);
  while (waiting >= mostPending && !mustEnd()) {
    Atomics.wait(pending, 0, waiting);
    waiting = Atomics.load(pending, 0);
  }
}

const failed = run();
if (failed) {
  const message: ReaderMessage = { kind: 'failed', cause: `${failed} failed with error ${koffi.errno()}` };
  parentPort?.postMessage(message);
}
