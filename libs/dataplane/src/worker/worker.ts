// The thread of a data path: waits for packets, requests and deadlines, and never returns to an event loop.
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { bootClock, libc } from '#host';
import { problemOf } from '#kernel';
import { chooseDataPathCrypto } from '../crypto/data-path-crypto.js';
import { POLLFD, POLLIN } from '../io/abi.js';
import { Arena } from '../memory/arena.js';
import { compileEarly } from '../readiness/compile-early.js';
import { Readiness } from '../readiness/readiness.js';
import { Rehearsal } from '../readiness/rehearsal.js';
import { callsOn, perform } from './calls.js';
import { giveWay } from './give-way.js';
import { type Answer, type Notice, type Request, SHARED, type WorkerSetup } from './protocol.js';
import { createWorkerEngine, type WorkerEngine } from './worker-engine.js';

/** Memory for 64 datagrams of the largest size, packets each way and what system calls need; untouched pages cost nothing. */
const ARENA = 10 << 20;
const { setup, requests } = workerData as { readonly setup: WorkerSetup; readonly requests: MessagePort };
const shared = new Int32Array(setup.shared);
const tell = (notice: Notice): void => parentPort?.postMessage(notice);

/** Who waits for an answer waits no longer. */
process.on('exit', () => {
  Atomics.store(shared, SHARED.ended, 1);
  Atomics.add(shared, SHARED.answered, 1);
  Atomics.notify(shared, SHARED.answered);
});
const worker = create();
compileEarly(); // only now: what it took to begin is not worth it
const { arena, engine, mover, output, desk, guard, readiness } = worker;
/** The agent's clock, whatever it counts from. */
const time = bootClock(arena, arena.take(16));
const now = (): number => time() + setup.clockOffset;
const calls = callsOn(worker, now);

const polled = arena.take(4 * POLLFD.size);
const counter = arena.take(8);
const SOURCE = { wake: 0, tun: 1, v4: 2, v6: 3 } as const;
for (const [index, fd] of [setup.wakeFd, setup.tun.fd, setup.sockets.v4, setup.sockets.v6].entries()) {
  arena.view.setInt32(polled + POLLFD.size * index, fd, true);
  arena.view.setInt16(polled + POLLFD.size * index + POLLFD.events, POLLIN, true);
}
/** @throws NetfoldError when it cannot be made, which the other thread is told */
function create(): WorkerEngine & { readonly readiness: Readiness } {
  try {
    const arena = new Arena(ARENA);
    // A thread that is ended by force gives nothing back: the other one does.
    Atomics.store(shared, SHARED.aliasLength, arena.bytes.length);
    Atomics.store(shared, SHARED.alias, arena.alias ?? 0);
    const { crypto, outcomes } = chooseDataPathCrypto(setup.crypto, arena);
    const worker = createWorkerEngine(setup, { arena, crypto }, tell);
    const readiness = new Readiness(setup.pipes && new Rehearsal({ arena, crypto }, setup.pipes));
    tell({ kind: 'ready', crypto: crypto.name, cryptos: outcomes });
    return { ...worker, readiness };
  } catch (error) {
    tell({ kind: 'failed', problem: problemOf(error) });
    throw error;
  }
}

const isReady = (index: number): boolean =>
  arena.view.getInt16(polled + POLLFD.size * index + POLLFD.revents, true) !== 0;

function answer(request: Request): Answer {
  try {
    return { result: perform(calls, request) };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

/** Does what was asked for. Packets wait for so long: nobody is judged by half a change. */
function answerAll(): void {
  libc.read(setup.wakeFd, arena.address + counter, 8);
  for (;;) {
    const request: { message: Request } | undefined = receiveMessageOnPort(requests);
    if (!request) break;
    requests.postMessage(answer(request.message));
    Atomics.add(shared, SHARED.answered, 1);
    Atomics.notify(shared, SHARED.answered);
  }
  output.flush();
}

/** Milliseconds until the engine has something due; -1 for ever. */
function patience(at: number): number {
  const wait = Math.min(
    desk.patience,
    guard.patience(at),
    readiness.patience(at),
    (engine.nextTimer() ?? Number.POSITIVE_INFINITY) - at,
  );
  return wait === Number.POSITIVE_INFINITY ? -1 : Math.max(0, Math.min(0x7fff_ffff, Math.ceil(wait)));
}

/** @returns what failed, if packets can no longer come or go */
function turn(at: number): string | undefined {
  if (isReady(SOURCE.wake)) answerAll();
  let answered = false;
  if (isReady(SOURCE.v4)) answered = mover.receiveAll(at, setup.sockets.v4);
  if (isReady(SOURCE.v6)) answered = mover.receiveAll(at, setup.sockets.v6) || answered;
  if ((isReady(SOURCE.tun) || answered) && !mover.sendAll(at)) return 'read';
  if (answered) giveWay();
  desk.serve(at, now);
  guard.look(at);
  if ((engine.nextTimer() ?? Number.POSITIVE_INFINITY) <= at) engine.tick(at);
  output.flush();
  return undefined;
}

/** Takes the way of packets though none has come: what is on it stays in the processor's caches. One that comes meanwhile is moved. */
function rehearse(at: number): void {
  readiness.exercise();
  for (const fd of [setup.sockets.v4, setup.sockets.v6]) if (fd >= 0) mover.receiveAll(at, fd);
  mover.sendAll(at);
}

function run(): string | undefined {
  let at = now();
  while (Atomics.load(shared, SHARED.mustEnd) === 0) {
    const ready = libc.poll(arena.address + polled, 4, patience(at));
    if (ready < 0 && libc.lastError() !== 'EINTR') return 'poll';
    at = now();
    desk.woke(at);
    if (ready > 0) {
      readiness.moved(at);
      mover.begin(at);
    } else if (readiness.patience(at) < Number.POSITIVE_INFINITY) rehearse(at);
    const failure = turn(at);
    if (failure) return failure;
  }
  return undefined;
}

const failed = run();
if (failed) {
  const message = `the interface was lost: ${failed} failed with ${libc.lastError()}`;
  const hint = 'somebody may have deleted it; start the agent again to make it anew';
  tell({ kind: 'failed', problem: { code: 'host.tun_lost', message, hint } });
}
