import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { NativeCrypto } from '#crypto/native';
import { systemRandom } from '#host';
import { openTransport, TRANSPORT } from '#wireguard';
import { sessionOf } from './session.js';
import { ROOM, SAMPLE, type Sealed, type Task } from './task.js';

const SEALER = fileURLToPath(new URL('./sealer.js', import.meta.url));
const word = () => new SharedArrayBuffer(4);

/**
 * What so many threads seal together.
 * @param shared whether on one session, or each on one of its own
 * @returns messages a second
 * @throws Error when a receiver would have refused a message
 */
export async function sealWith(threads: number, shared: boolean, length: number, seconds: number): Promise<number> {
  const gate = word();
  const sessions = Array.from({ length: shared ? 1 : threads }, newSession);
  const tasks = Array.from({ length: threads }, (_, index): Task => {
    const session = sessions[index % sessions.length] as ReturnType<typeof newSession>;
    return { ...session, length, seconds, gate, threads };
  });
  const rates = await Promise.all(tasks.map(seal));
  for (const session of sessions) openSample(session, length);
  return rates.reduce((sum, rate) => sum + rate, 0);
}

function newSession() {
  const keys = { send: systemRandom.bytes(32).slice(), receive: systemRandom.bytes(32).slice() };
  return { keys, counter: word(), sample: new SharedArrayBuffer(SAMPLE * ROOM), sampled: word() };
}

async function seal(task: Task): Promise<number> {
  const thread = new Worker(SEALER, { workerData: task });
  const [{ packets, seconds }] = (await once(thread, 'message')) as [Sealed];
  await thread.terminate();
  return packets / seconds;
}

/** One receiver takes all in, in the order in which they were finished. */
function openSample({ keys, sample }: ReturnType<typeof newSession>, length: number): void {
  const receiver = sessionOf(new NativeCrypto(), { send: keys.receive, receive: keys.send });
  const bytes = Uint8Array.from(new Uint8Array(sample));
  for (let i = 0; i < SAMPLE; i++) {
    const opened = openTransport(receiver, bytes, i * ROOM, length + TRANSPORT.overhead);
    if (opened !== length) throw new Error(`message ${i} of ${SAMPLE} is refused: ${opened}`);
  }
}
