import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:https';
import type { LookupFunction } from 'node:net';

const DNS_MESSAGE = 'application/dns-message';

/** No DNS message is longer. */
const MAX_BYTES = 65_535;

/** Asks over HTTPS (RFC 8484, 4.1), on connections that stay open for the next question. */
export class HttpsNameservers {
  readonly #agent: Agent;

  /**
   * @param lookup finds the address of a nameserver that is named by a name; asking ourselves would lead in a circle
   * @param ca whom to trust instead of those whom Node.js trusts, as PEM
   */
  constructor(lookup: LookupFunction, ca?: string) {
    this.#agent = new Agent({
      keepAlive: true,
      maxSockets: 4,
      timeout: 30_000,
      lookup,
      ...(ca !== undefined && { ca }),
    });
  }

  async ask(url: URL, question: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    // The same question looks the same to caches on the way (RFC 8484, 4.1).
    const message = Buffer.concat([Buffer.alloc(2), question.subarray(2)]);
    const headers = { accept: DNS_MESSAGE, 'content-type': DNS_MESSAGE, 'content-length': message.length };
    const asking = request(url, { method: 'POST', agent: this.#agent, headers, signal });
    asking.end(message);
    const [response] = (await once(asking, 'response')) as [IncomingMessage];
    const body = await bodyOf(response);
    if (response.statusCode === 200 && response.headers['content-type'] === DNS_MESSAGE) return body;
    throw new Error(`${url.host} answered with status ${response.statusCode}`);
  }

  close(): void {
    this.#agent.destroy();
  }
}

async function bodyOf(response: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MAX_BYTES) throw new Error('the answer is longer than a DNS message can be');
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}
