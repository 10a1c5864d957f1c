// A thread that seals packets of one session with counters that it reserves from the number that all threads share.
import { parentPort, workerData } from 'node:worker_threads';
import { chooseDataPathCrypto } from '#dataplane';
import { Arena } from '#dataplane/testing';
import { paddedLength, sealTransport } from '#wireguard';
import { sessionOf } from './session.js';
import { BLOCK, ROOM, SAMPLE, type Sealed, type Task } from './task.js';

const task = workerData as Task;
const [counter, gate, sampled] = [task.counter, task.gate, task.sampled].map((memory) => new Int32Array(memory)) as [
  Int32Array,
  Int32Array,
  Int32Array,
];
const sample = new Uint8Array(task.sample);
const arena = new Arena(1 << 20);
const session = sessionOf(chooseDataPathCrypto('auto', arena).crypto, task.keys);
const place = arena.take(64 + ROOM) + 64;
const padded = paddedLength(task.length, task.length);

/** Seals a block of messages; the first ones of all threads go into the sample in the order in which they are finished. */
function sealBlock(): void {
  session.sendCounter = Atomics.add(counter, 0, BLOCK);
  for (let i = 0; i < BLOCK; i++) {
    const length = sealTransport(session, arena.bytes, place, padded);
    if (Atomics.load(sampled, 0) >= SAMPLE) continue;
    const at = Atomics.add(sampled, 0, 1);
    if (at < SAMPLE) sample.set(arena.bytes.subarray(place, place + length), at * ROOM);
  }
}

for (let i = 0; i < 200; i++) sealBlock(); // until it is compiled
Atomics.add(gate, 0, 1);
Atomics.notify(gate, 0);
for (let ready = Atomics.load(gate, 0); ready < task.threads; ready = Atomics.load(gate, 0))
  Atomics.wait(gate, 0, ready);
const begun = performance.now();
let blocks = 0;
while (performance.now() - begun < 1000 * task.seconds) {
  sealBlock();
  blocks++;
}
const sealed: Sealed = { packets: blocks * BLOCK, seconds: (performance.now() - begun) / 1000 };
parentPort?.postMessage(sealed);
