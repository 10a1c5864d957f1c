import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { NetfoldError } from '#kernel';
import type { PingReply, PingRequest } from '../../../agent/src/local-api/messages.js';
import { LocalClient } from '../local/local-client.js';

const STOP_PATIENCE_MS = 5_000;

/** An agent in a process of its own, as a machine would run it. */
export class DemoAgent {
  private constructor(
    readonly name: string,
    readonly folder: string,
    readonly process: ChildProcess,
    readonly client: LocalClient,
  ) {}

  /**
   * @param folder for its state, its socket and its log
   * @param userspaceHosts addresses of machines behind it
   * @throws NetfoldError `quickstart.agent` when it does not come up
   */
  static async start(folder: string, name: string, userspaceHosts: readonly string[] = []): Promise<DemoAgent> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const socket = join(folder, 'sock');
    const log = await open(join(folder, 'log'), 'a', 0o600);
    const words = ['agent', '--state-dir', join(folder, 'state'), '--socket', socket];
    if (userspaceHosts.length > 0) words.push('--userspace-hosts', userspaceHosts.join());
    // In a group of its own: Ctrl-C reaches only the quickstart, which then stops everything in order.
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...words], {
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      detached: true,
    });
    await log.close();
    const outcome = await Promise.race([
      once(child, 'message').then(() => 'started'),
      once(child, 'exit').then(() => 'ended'),
    ]);
    if (outcome === 'ended') throw notUp(name, join(folder, 'log'));
    return new DemoAgent(name, folder, child, new LocalClient(socket));
  }

  /** All outcomes of a series of echo requests, as far as the last that is wanted. */
  async pings(request: PingRequest, isLast: (reply: PingReply) => boolean = () => false): Promise<PingReply[]> {
    const replies: PingReply[] = [];
    for await (const reply of this.client.lines<PingReply>('POST /ping', request, new AbortController().signal)) {
      replies.push(reply);
      if (isLast(reply)) break;
    }
    return replies;
  }

  /** Stops it and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    const gone = once(this.process, 'exit');
    this.process.kill('SIGTERM');
    const timer = setTimeout(() => this.process.kill('SIGKILL'), STOP_PATIENCE_MS);
    await gone;
    clearTimeout(timer);
  }
}

const notUp = (name: string, log: string): NetfoldError =>
  new NetfoldError({
    code: 'quickstart.agent',
    message: `the agent of ${name} did not start`,
    where: log,
    hint: 'its log says why',
  });
