import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NetfoldError } from '#kernel';
import { type LocalRoutes, LocalServer } from './local-server.js';

let folder: string;
let server: LocalServer | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'netfold-local-'));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

const socketPath = () => join(folder, 'run', 'agent.sock');
const listen = async (routes: LocalRoutes) => {
  server = await LocalServer.listen(socketPath(), routes);
};

async function call(method: string, path: string, body?: string) {
  const sent = request({ socketPath: socketPath(), method, path, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  return { status: response.statusCode, type: response.headers['content-type'], body: await text(response) };
}

describe('LocalServer', () => {
  it('answers text, JSON and lines', async () => {
    await listen({
      'GET /text': async () => 'plain',
      'POST /echo': async ({ body, query }) => ({ body, q: query.get('q') }),
      'GET /lines': async () =>
        (async function* () {
          yield { n: 1 };
          yield { n: 2 };
        })(),
    });
    expect((await call('GET', '/text')).body).toBe('plain');
    expect(JSON.parse((await call('POST', '/echo?q=x', '{"a":1}')).body)).toEqual({ body: { a: 1 }, q: 'x' });
    expect((await call('GET', '/lines')).body).toBe('{"n":1}\n{"n":2}\n');
  });

  it('answers failures with their problem, and unknown routes with 404', async () => {
    await listen({
      'GET /coded': async () => {
        throw new NetfoldError({ code: 'agent.x', message: 'no', hint: 'do' });
      },
      'GET /bug': async () => {
        throw new TypeError('oops');
      },
      'POST /json': async () => ({}),
      'GET /lines': async () =>
        // biome-ignore lint/correctness/useYield: it fails before it has anything to say
        (async function* (): AsyncGenerator<object> {
          throw new NetfoldError({ code: 'agent.y', message: 'never' });
        })(),
    });
    expect(await call('GET', '/coded')).toMatchObject({ status: 400, type: 'application/problem+json' });
    expect(JSON.parse((await call('GET', '/coded')).body)).toEqual({ code: 'agent.x', message: 'no', hint: 'do' });
    expect(JSON.parse((await call('GET', '/lines')).body).code).toBe('agent.y');
    expect(await call('GET', '/bug')).toMatchObject({ status: 500 });
    expect(await call('GET', '/nowhere')).toMatchObject({ status: 404 });
    expect(JSON.parse((await call('POST', '/json', '{')).body).code).toBe('agent.bad_request');
    expect(JSON.parse((await call('POST', '/json', `"${'x'.repeat(2 << 20)}"`)).body).code).toBe('agent.bad_request');
  });

  it('tells a stream that its reader hung up', async () => {
    let ended: (value: unknown) => void = () => {};
    const hungUp = new Promise((resolve) => {
      ended = resolve;
    });
    await listen({
      'GET /forever': async ({ gone }) =>
        (async function* () {
          yield { n: 1 };
          await once(gone, 'abort');
          ended('told');
        })(),
    });
    const sent = request({ socketPath: socketPath(), path: '/forever', agent: false });
    sent.on('error', () => {});
    sent.end();
    await once(sent, 'response');
    sent.destroy();
    expect(await hungUp).toBe('told');
  });

  it('lets only its owner in, and leaves nothing behind', async () => {
    await listen({});
    expect((await stat(socketPath())).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'run'))).mode & 0o777).toBe(0o700);
    await server?.close();
    server = undefined;
    expect(await readdir(join(folder, 'run'))).toEqual([]);
  });

  it('takes over the socket of an agent that was killed, but not of one that lives', async () => {
    await listen({});
    await expect(LocalServer.listen(socketPath(), {})).rejects.toMatchObject({ code: 'agent.already_running' });
    await server?.close();
    await writeFile(socketPath(), '');
    await listen({ 'GET /text': async () => 'here' });
    expect((await call('GET', '/text')).body).toBe('here');
  });

  it('refuses a path that the system cannot hold', async () => {
    await expect(LocalServer.listen(join(folder, 'x'.repeat(120)), {})).rejects.toMatchObject({ code: 'agent.socket' });
  });
});
