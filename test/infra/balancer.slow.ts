import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '#host/testing';
import { until } from '../netns/lab/until.js';
import { PORTS } from './endpoints.js';

const missing = ['haproxy', 'openssl'].filter((tool) => spawnSync(tool, ['-h']).error);
if (missing.length > 0) console.info(`the balancer is not run: there is no ${missing.join(' and no ')} here`);

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

/** What a balancer sees of a replica: whether it is ready, and a port for agents that says whose it is. */
class Replica {
  status = 503;
  people = 0;
  agents = 0;
  readonly #servers: Server[] = [];

  constructor(readonly name: string) {}

  async start(tls: { readonly key: Buffer; readonly cert: Buffer }): Promise<this> {
    const people = createHttpsServer(tls, (_, answer) => answer.writeHead(this.status).end());
    const agents = createServer((socket) => socket.on('error', () => {}).write(this.name));
    this.#servers.push(people, agents);
    [this.people, this.agents] = [await listen(people), await listen(agents)];
    return this;
  }

  stop(): void {
    for (const server of this.#servers) server.close();
  }
}

(missing.length > 0 ? describe.skip : describe)('haproxy.cfg', () => {
  let folder: string;
  let haproxy: ChildProcess;
  let agentsPort: number;
  const replicas = [new Replica('replica-1'), new Replica('replica-2')] as const;
  const open = new Set<Socket>();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'netfold-balancer-'));
    const [key, cert] = [join(folder, 'key'), join(folder, 'cert')];
    const words = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-keyout',
      key,
      '-out',
      cert,
      '-subj',
      '/CN=replica',
    ];
    expect(spawnSync('openssl', words).status).toBe(0);
    for (const replica of replicas) await replica.start({ key: readFileSync(key), cert: readFileSync(cert) });
    const peoplePort = await freePort();
    agentsPort = await freePort();
    let text = readFileSync('infra/compose/haproxy.cfg', 'utf8')
      .replace('bind :8443', `bind 127.0.0.1:${peoplePort}`)
      .replace('bind :50443', `bind 127.0.0.1:${agentsPort}`);
    for (const { name, people: at, agents: its } of replicas) {
      text = text
        .replace(`${name}:${PORTS.agents} port ${PORTS.people}`, `127.0.0.1:${its} port ${at}`)
        .replace(`${name}:${PORTS.people}`, `127.0.0.1:${at}`);
    }
    await writeFile(join(folder, 'haproxy.cfg'), text);
    haproxy = spawn('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], { stdio: 'ignore' });
  });

  afterAll(async () => {
    for (const socket of open) socket.destroy();
    const gone = once(haproxy, 'exit');
    haproxy.kill('SIGTERM');
    await gone;
    for (const replica of replicas) replica.stop();
    await rm(folder, { recursive: true });
  });

  /** Who answers an agent that connects; undefined when nobody does. */
  async function connected(): Promise<{ readonly name: string; readonly socket: Socket } | undefined> {
    const socket = connect(agentsPort, '127.0.0.1').on('error', () => {});
    open.add(socket);
    const [name] = await Promise.race([once(socket, 'data'), once(socket, 'close').then(() => [undefined])]);
    if (name) return { name: String(name), socket };
    open.delete(socket);
    return undefined;
  }

  /** Waits for a connection to this replica. */
  const answeredBy = (name: string): Promise<Socket> =>
    until(name, async () => {
      const agent = await connected();
      return agent?.name === name && agent.socket;
    });

  it('gives agents to the replica that is ready, and leaves those alone that one has which drains', async () => {
    const [first, second] = replicas;
    second.status = 200;
    const kept = await answeredBy('replica-2');
    [first.status, second.status] = [200, 503];
    await answeredBy('replica-1');
    // Two failed checks, and nobody new comes to the second.
    await until('the second to be left out', async () => {
      const names = await Promise.all(Array.from({ length: 8 }, async () => (await connected())?.name));
      return names.every((name) => name === 'replica-1');
    });
    expect(kept.destroyed).toBe(false);
    expect(kept.readableEnded).toBe(false);
  });
});
