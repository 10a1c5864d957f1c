import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { Resolver, Zone } from '#dns';
import { answerTo, opt, question, read } from '#dns/testing';
import { CERTIFICATE, PRIVATE_KEY } from '../testing/localhost-certificate.js';
import { type AnswerMessage, DnsServer } from './dns-server.js';
import { NameserverClient } from './nameserver-client.js';

const LOOPBACK = { address: '127.0.0.1', port: 0 };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function serving(answer: AnswerMessage): Promise<string> {
  const server = await DnsServer.listen(LOOPBACK, answer);
  cleanups.push(() => server.close());
  return `127.0.0.1:${server.address.port}`;
}

function client(): NameserverClient {
  const made = new NameserverClient(async () => '127.0.0.1', CERTIFICATE);
  cleanups.push(() => made.close());
  return made;
}

const records = (count: number) =>
  Array.from({ length: count }, (_, i) => ({
    type: 'A' as const,
    name: 'a.example.org',
    data: `203.0.113.${i}`,
    ttl: 9,
  }));

describe('a server of names and those who ask it', () => {
  test('an answer over UDP, and a long one over TCP', async () => {
    const zone = new Zone();
    zone.configure({ domain: 'home.test', prefixes: [], records: [] });
    zone.put({ id: 'n', dnsName: 'srv.home.test', addresses: ['100.64.0.9'] });
    const far = await serving(async (message, transport) =>
      answerTo(message, transport === 'udp' ? { flags: 0x380 } : { answers: records(100) }),
    );
    const asking = client();
    const resolver = new Resolver(zone, {
      clock: { now: () => 0 },
      exchange: (whom, message) => asking.ask(whom, message),
    });
    resolver.route({ nameservers: [far], domains: [] });
    const near = await serving((message, transport) => resolver.answer(message, transport));
    expect(read(await asking.ask(near, question('srv.home.test'))).answers).toMatchObject([{ data: '100.64.0.9' }]);
    expect(read(await asking.ask(near, question('a.example.org', 'A', opt(1_232)))).answers).toHaveLength(100);
  });

  test('several questions on one connection are answered in turn; one without an answer ends it', async () => {
    const at = await serving(async (message) =>
      read(message).questions?.[0]?.name === 'end' ? undefined : answerTo(message, {}),
    );
    const socket = connect(Number(at.split(':')[1]), '127.0.0.1');
    const frames = ['a', 'b', 'end'].map((name) => {
      const message = question(name);
      return Buffer.concat([Buffer.from([0, message.length]), message]);
    });
    const whole = Buffer.concat(frames);
    socket.write(whole.subarray(0, 5));
    socket.write(whole.subarray(5));
    const chunks: Buffer[] = [];
    for await (const chunk of socket) chunks.push(chunk as Buffer);
    const got = Buffer.concat(chunks);
    const first = got.readUInt16BE(0);
    expect(read(got.subarray(2, 2 + first)).questions).toMatchObject([{ name: 'a' }]);
    expect(read(got.subarray(4 + first)).questions).toMatchObject([{ name: 'b' }]);
  });

  test('an answer over HTTPS, from a resolver whose name is found otherwise', async () => {
    const web = createServer({ cert: CERTIFICATE, key: PRIVATE_KEY }, async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (request.url !== '/dns-query') return void response.writeHead(404).end();
      const reply = answerTo(Buffer.concat(chunks), { answers: records(3) });
      return void response.writeHead(200, { 'content-type': 'application/dns-message' }).end(reply);
    }).listen(0, '127.0.0.1');
    await once(web, 'listening');
    cleanups.push(
      () => web.closeAllConnections(),
      () => web.close(),
    );
    const base = `https://localhost:${(web.address() as AddressInfo).port}`;
    const asking = client();
    for (let i = 0; i < 2; i++) {
      expect(read(await asking.ask(`${base}/dns-query`, question('a.example.org'))).answers).toHaveLength(3);
    }
    await expect(asking.ask(`${base}/other`, question('a'))).rejects.toMatchObject({ code: 'dns.no_answer' });
  });

  test('an answer under another id is not taken', async () => {
    const liar = createSocket('udp4');
    liar.bind(0, '127.0.0.1');
    await once(liar, 'listening');
    cleanups.push(() => liar.close());
    liar.on('message', (message, { address, port }) => {
      const wrong = Buffer.from(answerTo(message, { answers: records(1) }));
      wrong.writeUInt16BE((message.readUInt16BE(0) + 1) & 0xffff, 0);
      liar.send(wrong, port, address);
      liar.send(Buffer.from(answerTo(message, {})), port, address);
    });
    const reply = await client().ask(`127.0.0.1:${liar.address().port}`, question('a.example.org'));
    expect(read(reply).answers).toEqual([]);
  });

  test('a nameserver that is not there is noticed at once, and named', async () => {
    const gone = await DnsServer.listen(LOOPBACK, async () => undefined);
    const nameserver = `127.0.0.1:${gone.address.port}`;
    await gone.close();
    await expect(client().ask(nameserver, question('a'))).rejects.toMatchObject({
      code: 'dns.no_answer',
      where: nameserver,
    });
    await expect(client().ask('dns.google', question('a'))).rejects.toMatchObject({ code: 'dns.bad_nameserver' });
  });

  test('a port that is free for UDP and taken for TCP is passed over where any will do', async () => {
    // So many that at least one of the 200 below lands on one of them first, in nineteen runs of twenty.
    for (let i = 0; i < 400; i++) {
      const other = createTcpServer().listen(0, '127.0.0.1');
      await once(other, 'listening');
      cleanups.push(() => other.close());
    }
    const ports = new Set<string>();
    for (let i = 0; i < 200; i++) ports.add(await serving(async () => undefined));
    expect(ports.size).toBe(200);
  });

  test('an address that is taken is refused, with what to do', async () => {
    const at = await serving(async () => undefined);
    const again = DnsServer.listen({ address: '127.0.0.1', port: Number(at.split(':')[1]) }, async () => undefined);
    await expect(again).rejects.toMatchObject({ code: 'dns.cannot_listen' });
  });
});
