import type { AppendFault } from '../../../libs/event-store/src/testing/kurrent-server/faults.js';
import { RemoteProcess } from './remote-process.js';
import type { StoreMethods } from './store-main.js';

/** The store in a process of its own, which is killed and started again on what it has kept. */
export class Store {
  #process: RemoteProcess<StoreMethods> | undefined;
  #port: number | undefined;

  /** @param file that it keeps its log in */
  constructor(private readonly file: string) {}

  /** Undefined while it does not run. */
  get port(): number | undefined {
    return this.#port;
  }

  async start(): Promise<void> {
    this.#process = await RemoteProcess.start<StoreMethods>('./store-main.js', import.meta.url, [this.file]);
    this.#port = await this.#process.call('port');
  }

  /** Kills it as a power failure would. */
  async kill(): Promise<void> {
    this.#port = undefined;
    await this.#process?.kill();
  }

  /** What it does with the next appends to ledgers, one after the other. */
  async misbehave(faults: readonly AppendFault[]): Promise<void> {
    await this.#process?.call('misbehave', faults);
  }

  /** Whether it delivers events twice. */
  async stutter(on: boolean): Promise<void> {
    await this.#process?.call('stutter', on);
  }

  async behave(): Promise<void> {
    await this.#process?.call('behave');
  }
}
