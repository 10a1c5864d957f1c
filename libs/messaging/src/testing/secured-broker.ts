import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KafkaLocal } from './kafka-local.js';

/** A broker that speaks TLS only, with a certificate of its own, and asks for a password. */
export class SecuredBroker {
  private constructor(
    readonly broker: KafkaLocal,
    /** Where the certificate and the options files are. */
    readonly folder: string,
  ) {}

  static async start(user: string, password: string): Promise<SecuredBroker> {
    const folder = mkdtempSync(join(tmpdir(), 'netfold-kafka-tls-'));
    const [key, cert, properties] = ['key.pem', 'cert.pem', 'broker.properties'].map((name) => join(folder, name));
    const subject = ['-subj', '/CN=kafka.test', '-addext', 'subjectAltName=DNS:kafka.test'];
    const files = ['-keyout', key ?? '', '-out', cert ?? ''];
    const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...subject, ...files];
    execFileSync('openssl', made, { stdio: 'ignore' });
    const pem = (path = '') => readFileSync(path, 'utf8').trim().replaceAll('\n', '\\n');
    const login = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
    writeFileSync(
      properties ?? '',
      [
        'listeners=SASL_SSL://127.0.0.1:@PORT@,CONTROLLER://127.0.0.1:@CONTROLLER@',
        'advertised.listeners=SASL_SSL://127.0.0.1:@PORT@',
        'listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name=SASL_SSL',
        'sasl.enabled.mechanisms=PLAIN',
        'sasl.mechanism.inter.broker.protocol=PLAIN',
        `listener.name.sasl_ssl.plain.sasl.jaas.config=${login} username="broker" password="b" user_broker="b" user_${user}="${password}";`,
        'ssl.keystore.type=PEM',
        `ssl.keystore.certificate.chain=${pem(cert)}`,
        `ssl.keystore.key=${pem(key)}`,
        'ssl.truststore.type=PEM',
        `ssl.truststore.certificates=${pem(cert)}`,
        'ssl.endpoint.identification.algorithm=',
        '',
      ].join('\n'),
    );
    return new SecuredBroker(await KafkaLocal.start({ NETFOLD_KAFKA_PROPERTIES: properties ?? '' }), folder);
  }

  /** Writes an options file as `--kafka` takes it. @returns its path */
  options(name: string, content: object, password: string): string {
    writeFileSync(join(this.folder, `${name}.password`), `${password}\n`, { mode: 0o600 });
    const path = join(this.folder, `${name}.json`);
    writeFileSync(path, JSON.stringify({ brokers: [this.broker.address], ...content }));
    return path;
  }

  async dispose(): Promise<void> {
    await this.broker.dispose();
    rmSync(this.folder, { recursive: true });
  }
}
