import type { ChildProcess } from 'node:child_process';
import { Client, type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { startChild } from './child.js';
import { FLOOR_STREAM, type FloorRound } from './floor-service.js';

/** As many bare grpc-js streams as there are agents, each on a connection of its own, from a process of its own. */
export class Floor {
  #received = 0;
  #expected = 0;
  #done: () => void = () => {};

  private constructor(
    private readonly server: ChildProcess,
    private readonly streams: readonly { client: Client; call: ClientDuplexStream<Buffer, Buffer> }[],
    /** Milliseconds until all streams were open. */
    readonly openMs: number,
  ) {}

  static async open(count: number): Promise<Floor> {
    const { child, ready } = await startChild<{ port: number }>('floor-server.js');
    const started = performance.now();
    const streams = await Promise.all(Array.from({ length: count }, () => openStream(`127.0.0.1:${ready.port}`)));
    const floor = new Floor(child, streams, performance.now() - started);
    for (const { call } of streams) call.on('data', (bytes: Buffer) => floor.#take(call, bytes));
    return floor;
  }

  /** Milliseconds until every stream had received its bytes and answered each message. */
  async push(round: FloorRound): Promise<number> {
    const size = Math.max(1, Math.ceil(round.bytes / round.frames));
    this.#received = 0;
    this.#expected = size * round.frames * this.streams.length;
    const done = new Promise<void>((resolve) => {
      this.#done = resolve;
    });
    const started = performance.now();
    this.server.send(round);
    await done;
    return performance.now() - started;
  }

  async close(): Promise<void> {
    for (const { call, client } of this.streams) {
      call.on('error', () => {});
      call.cancel();
      client.close();
    }
    this.server.disconnect();
  }

  #take(call: ClientDuplexStream<Buffer, Buffer>, bytes: Buffer): void {
    call.write(ANSWER);
    this.#received += bytes.length;
    if (this.#received >= this.#expected) this.#done();
  }
}

// As long as an acknowledgement of a frame.
const ANSWER = Buffer.alloc(44);

function openStream(address: string): Promise<{ client: Client; call: ClientDuplexStream<Buffer, Buffer> }> {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.max_receive_message_length': 64 << 20,
  });
  const { path, requestSerialize, responseDeserialize } = FLOOR_STREAM;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
  return new Promise((resolve, reject) => {
    call.once('error', reject);
    call.once('data', () => resolve({ client, call }));
  });
}
