import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { controlAddress, discoverAgentUrl } from './control-address.js';

describe('controlAddress', () => {
  it.each([
    ['http://127.0.0.1:50443', '127.0.0.1:50443', true],
    ['http://localhost', 'localhost:80', true],
    ['http://[::1]:1/', '[::1]:1', true],
    ['https://netfold.example.com', 'netfold.example.com:443', false],
    ['https://192.0.2.1:8443', '192.0.2.1:8443', false],
  ])('%s is %s', (url, target, loopback) => expect(controlAddress(url)).toMatchObject({ target, loopback }));

  it.each([
    ['http://netfold.example.com', 'not encrypted'],
    ['http://127.0.0.1.example.com', 'not encrypted'],
    ['netfold.example.com', 'not the URL'],
    ['ftp://127.0.0.1', 'not the URL'],
    ['https://example.com/path', 'not the URL'],
    ['', 'not the URL'],
  ])('%j is refused, since it is %s', (url, why) =>
    expect(() => controlAddress(url)).toThrow(
      expect.objectContaining({ code: 'agent.bad_server_url', message: expect.stringContaining(why) }),
    ),
  );
});

describe('discoverAgentUrl', () => {
  async function answering(body: string): Promise<{ url: string; close: () => void }> {
    const server = createServer((_, response) => response.end(body)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || !address) throw new Error('no address');
    return { url: `http://127.0.0.1:${address.port}`, close: () => server.close() };
  }

  it('asks the server', async () => {
    const { url, close } = await answering('{"version":"1","grpc":{"port":50443,"tls":false}}');
    expect(await discoverAgentUrl(url)).toBe('http://127.0.0.1:50443');
    close();
  });

  it.each(['<html>', '{}', '{"grpc":{"port":"x"}}'])('knows another program by its answer: %s', async (body) => {
    const { url, close } = await answering(body);
    await expect(discoverAgentUrl(url)).rejects.toMatchObject({ code: 'control.other_protocol' });
    close();
  });

  it('says when nobody answers', async () => {
    const { url, close } = await answering('');
    close();
    await expect(discoverAgentUrl(url)).rejects.toMatchObject({ code: 'control.unreachable', where: url });
  });
});
