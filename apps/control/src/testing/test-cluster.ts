import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KurrentServer } from '#event-store/testing';
import { LocalBus } from '#messaging';
import type { ControlOptions } from '../config/control-options.js';
import { TestControl } from './test-control.js';

/** A replica in this process, and the store as it alone sees it. */
export interface TestReplica {
  readonly control: TestControl;
  /** A server of its own on the log that all share: its faults are this replica's. */
  readonly store: KurrentServer;
}

/** Several control planes on one store and one bus. */
export class TestCluster {
  readonly replicas: TestReplica[] = [];
  readonly bus = new LocalBus((problem) => this.problems.push(problem.message));
  /** What handlers of the bus threw. */
  readonly problems: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), 'netfold-cluster-'));
  readonly #secretFile = join(this.#folder, 'secret');

  constructor(private readonly options: Partial<ControlOptions> = {}) {
    writeFileSync(this.#secretFile, randomBytes(32), { mode: 0o600 });
  }

  /** With so many replicas. */
  static async start(count: number, options: Partial<ControlOptions> = {}): Promise<TestCluster> {
    const cluster = new TestCluster(options);
    for (let i = 0; i < count; i++) await cluster.add();
    return cluster;
  }

  /** @param more at the end of the URL of the store */
  async add(options: Partial<ControlOptions> = {}, more = ''): Promise<TestReplica> {
    const [first] = this.replicas;
    const store = await KurrentServer.start({}, first?.store.log);
    const shared = { bus: this.bus, secretFile: this.#secretFile, store: store.url + more, beatMs: 100 };
    const control = await TestControl.start({ ...this.options, ...shared, ...options }, first?.control.token);
    const replica = { control, store };
    this.replicas.push(replica);
    return replica;
  }

  async stop(): Promise<void> {
    for (const { control } of this.replicas) await control.stop();
    for (const { store } of this.replicas) await store.stop();
    await this.bus.close();
    rmSync(this.#folder, { recursive: true });
  }
}
