import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SCRIPT = resolve('infra/kafka-local/kafka-local.sh');

/** A real broker for a test: Apache Kafka on loopback, in a folder of its own. */
export class KafkaLocal {
  #address = '';

  private constructor(
    readonly folder: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Fetches Kafka's jars when they are not there yet, and starts a broker. @param env as the script reads it */
  static async start(env: Readonly<Record<string, string>> = {}): Promise<KafkaLocal> {
    const broker = new KafkaLocal(await mkdtemp(join(tmpdir(), 'netfold-kafka-')), env);
    await broker.start();
    return broker;
  }

  /** `host:port` */
  get address(): string {
    return this.#address;
  }

  /** Again, at the same address with what it had. */
  async start(): Promise<void> {
    this.#address = (await this.#script('start')).trim();
  }

  async stop(): Promise<void> {
    await this.#script('stop');
  }

  async kill(): Promise<void> {
    await this.#script('kill');
  }

  /** Sends a signal that it cannot answer, such as SIGSTOP. */
  async signal(signal: NodeJS.Signals): Promise<void> {
    process.kill(Number(await readFile(join(this.folder, 'pid'), 'utf8')), signal);
  }

  async dispose(): Promise<void> {
    await this.#script('kill');
    await rm(this.folder, { recursive: true, force: true });
  }

  #script(command: string): Promise<string> {
    const child = spawn(SCRIPT, [command, this.folder], { env: { ...process.env, ...this.env } });
    const [out, err]: [string[], string[]] = [[], []];
    child.stdout.on('data', (data) => out.push(String(data)));
    child.stderr.on('data', (data) => err.push(String(data)));
    return new Promise((resolve, reject) => {
      child.on('error', reject);
      // Not `close`: the broker that was started outlives the script.
      child.on('exit', (code) => (code === 0 ? resolve(out.join('')) : reject(new Error(err.join('')))));
    });
  }
}
