import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { freePort } from '#host/testing';
import { MeshInProcess } from './mesh-in-process.js';

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('programs of a machine without an interface', () => {
  const service = createServer((asked, answer) => answer.end(`you asked for ${asked.url}`));
  let mesh: MeshInProcess;
  let servicePort: number;
  let proxyPort: number;
  let socksPort: number;

  beforeAll(async () => {
    servicePort = await listen(service);
    [proxyPort, socksPort] = [await freePort(), await freePort()];
    mesh = await MeshInProcess.start();
    const laptop = await mesh.join('laptop');
    await laptop.stop();
    const at = (port: number) => ({ address: '127.0.0.1', port });
    await laptop.start({ httpProxy: at(proxyPort), socks5Server: at(socksPort) });
    await mesh.join('web');
  });
  afterAll(async () => {
    await mesh.close();
    service.close();
  });

  async function throughHttp(url: string): Promise<{ status: number | undefined; body: string }> {
    const asked = request({
      host: '127.0.0.1',
      port: proxyPort,
      path: url,
      headers: { host: new URL(url).host },
    }).end();
    const [answer] = await once(asked, 'response');
    return { status: answer.statusCode, body: await text(answer) };
  }

  test('reach a service on the localhost of another by its name, over an HTTP proxy', async () => {
    const answer = await throughHttp(`http://web:${servicePort}/page`);
    expect(answer).toEqual({ status: 200, body: 'you asked for /page' });
  });

  test('reach it over a SOCKS5 proxy', async () => {
    const client = connect(socksPort, '127.0.0.1');
    client.write(Uint8Array.of(5, 1, 0));
    expect([...((await once(client, 'data'))[0] as Buffer)]).toEqual([5, 0]);
    const port = [servicePort >> 8, servicePort & 255];
    client.write(Uint8Array.of(5, 1, 0, 3, 3, ...Buffer.from('web'), ...port));
    expect(((await once(client, 'data'))[0] as Buffer)[1]).toBe(0);
    client.write('GET /socks HTTP/1.0\r\n\r\n');
    expect(await text(client)).toContain('you asked for /socks');
  });

  test('are told which names there are not', async () => {
    const answer = await throughHttp('http://nobody:80/');
    expect(answer.status).toBe(502);
    expect(answer.body).toContain('no node of the tailnet is called "nobody"');
  });
});
