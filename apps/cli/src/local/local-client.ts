import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { NetfoldError, type Problem } from '#kernel';
import { jsonLines } from './json-lines.js';

/** The agent of this machine, over its unix socket. Every failure is a `NetfoldError`. */
export class LocalClient {
  constructor(readonly socketPath: string) {}

  /** A request whose answer is one JSON value. @param signal gives up */
  async call<T>(route: string, body?: object, signal?: AbortSignal): Promise<T> {
    return JSON.parse(await text(await this.#open(route, body, signal))) as T;
  }

  /** A request whose answer is text. */
  async text(route: string): Promise<string> {
    return text(await this.#open(route));
  }

  /** A request whose answer is JSON values, a line each, until the agent ends it or the signal aborts. */
  async *lines<T>(route: string, body: object, signal: AbortSignal): AsyncGenerator<T> {
    const response = await this.#open(route, body);
    const stop = () => response.destroy();
    signal.addEventListener('abort', stop);
    try {
      yield* jsonLines<T>(response);
    } catch (error) {
      if (!signal.aborted) throw this.#unreachable(error as NodeJS.ErrnoException);
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
    }
  }

  async #open(route: string, body?: object, signal?: AbortSignal): Promise<IncomingMessage> {
    const [method, path] = route.split(' ');
    const sent = request({ socketPath: this.socketPath, method, path, agent: false, ...(signal && { signal }) });
    try {
      sent.end(body && JSON.stringify(body));
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      if (response.statusCode === 200) return response;
      throw new NetfoldError(JSON.parse(await text(response)) as Problem);
    } catch (error) {
      throw error instanceof NetfoldError ? error : this.#unreachable(error as NodeJS.ErrnoException);
    }
  }

  #unreachable(cause: NodeJS.ErrnoException): NetfoldError {
    const where = this.socketPath;
    if (cause.code === 'EACCES') {
      const hint = 'run the same command with sudo';
      return new NetfoldError(
        { code: 'cli.agent_denied', message: 'the agent belongs to another user', where, hint },
        { cause },
      );
    }
    const hint =
      'start it and leave it running: netfold agent\nor say where it listens: --socket PATH, or NETFOLD_SOCKET';
    return new NetfoldError(
      { code: 'cli.no_agent', message: 'no agent is running on this machine', where, hint },
      { cause },
    );
  }
}
