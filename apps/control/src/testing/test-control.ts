import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { freePort } from '#host/testing';
import type { ControlOptions } from '../config/control-options.js';
import { type RunningControl, startControl } from '../start-control.js';

/** A control plane on a state directory of its own, and a client for its API. */
export class TestControl {
  private constructor(
    readonly stateDir: string,
    private readonly options: Partial<ControlOptions>,
    private running: RunningControl,
    readonly token: string,
  ) {}

  /** @param token of an admin, when it is not the first start of these servers */
  static async start(options: Partial<ControlOptions> = {}, token = ''): Promise<TestControl> {
    const stateDir = mkdtempSync(join(tmpdir(), 'netfold-control-'));
    const running = await boot(stateDir, { grpc: { host: '127.0.0.1', port: await freePort() }, ...options });
    return new TestControl(stateDir, options, running, running.adminToken ?? token);
  }

  get httpUrl(): string {
    return this.running.httpUrl;
  }

  get ownerLink(): string | undefined {
    return this.running.ownerLink;
  }

  get grpcAddress(): string {
    return this.running.grpcAddress;
  }

  get metricsUrl(): string | undefined {
    return this.running.metricsUrl;
  }

  /** Stops the server and starts it on what is on the disk. */
  async restart(): Promise<RunningControl> {
    await this.running.close();
    const port = Number(this.running.grpcAddress.split(':').at(-1));
    this.running = await boot(this.stateDir, { ...this.options, grpc: { host: '127.0.0.1', port } });
    return this.running;
  }

  /** Stops the server; its state stays until `stop`. */
  async close(): Promise<void> {
    await this.running.close();
  }

  async stop(): Promise<void> {
    await this.running.close();
    rmSync(this.stateDir, { recursive: true });
  }

  /** Calls a route below the tailnet, with the admin's token unless another is given. */
  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const text = typeof body === 'string';
    const type = text ? 'application/hujson' : 'application/json';
    const response = await fetch(`${this.httpUrl}/api/v1/tailnets/-/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': type }),
        ...headers,
      },
      ...(body !== undefined && { body: text ? body : JSON.stringify(body) }),
    });
    const content = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && !path.startsWith('policy?');
    return { status: response.status, headers: response.headers, body: json ? tryJson(content) : content };
  }

  /** An auth key for the first user. */
  async authKey(more: Record<string, unknown> = {}): Promise<string> {
    const user = 'tags' in more ? {} : { user: 'admin@netfold.internal' };
    const { body } = await this.call('POST', 'auth-keys', { reusable: true, ...user, ...more });
    return (body as { key: string }).key;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // The tests say what they expect of it.
  readonly body: unknown;
}

const boot = (stateDir: string, options: Partial<ControlOptions>): Promise<RunningControl> =>
  startControl({
    stateDir,
    http: { host: '127.0.0.1', port: 0 },
    logger: pino({ level: 'silent' }),
    ...options,
  });

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
