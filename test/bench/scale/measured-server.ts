import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startChild } from '../control/child.js';
import type { Held } from './server.js';

interface Ready {
  readonly httpUrl: string;
  readonly grpcAddress: string;
  readonly token?: string;
}

/** A control plane in a process of its own whose memory and processor time can be asked for. */
export class MeasuredServer {
  private constructor(
    private readonly child: ChildProcess,
    readonly ready: Ready,
  ) {}

  static async start(stateDir: string): Promise<MeasuredServer> {
    const { child, ready } = await startChild<Ready>('../scale/server.js', stateDir);
    return new MeasuredServer(child, ready);
  }

  /** What it holds, after garbage was collected. */
  held(): Promise<Held> {
    return this.#ask('held');
  }

  /** The processor time that it has used, in microseconds. */
  async cpu(): Promise<number> {
    return (await this.#ask('cpu')).cpu;
  }

  async #ask(question: 'held' | 'cpu'): Promise<Held> {
    this.child.send(question);
    const [held] = (await once(this.child, 'message')) as [Held];
    return held;
  }

  /** As a crash would end it. */
  async kill(): Promise<void> {
    const gone = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await gone;
  }
}
