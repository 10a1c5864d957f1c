import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TcpProxy } from './tcp-proxy.js';

const SCRIPT = fileURLToPath(new URL('../../../../infra/kafka-local/kafka-local.sh', import.meta.url));
const run = promisify(execFile);

/** A real Apache Kafka of one broker, behind a proxy through which all its clients come. */
export class Kafka {
  private constructor(
    private readonly folder: string,
    readonly proxy: TcpProxy,
  ) {}

  /** @throws Error that says what is missing on this machine */
  static async start(folder: string): Promise<Kafka> {
    let port: number | undefined;
    const proxy = await new TcpProxy(() => port).open();
    const kafka = new Kafka(folder, proxy);
    const env = { ...process.env, NETFOLD_KAFKA_ADVERTISED_PORT: String(proxy.port) };
    const { stdout } = await run(SCRIPT, ['start', folder], { env }).catch(async (error: { stderr?: string }) => {
      await kafka.stop();
      throw new Error(`no Kafka, which --no-kafka does without: ${error.stderr?.trim() ?? error}`);
    });
    port = Number(stdout.trim().split(':')[1]);
    return kafka;
  }

  /** Where clients find it. */
  get address(): string {
    return `127.0.0.1:${this.proxy.port}`;
  }

  async stop(): Promise<void> {
    await run(SCRIPT, ['kill', this.folder]).catch(() => {}); // one that never ran
    await this.proxy.close();
  }
}
