import { isIPv6, type LookupFunction } from 'node:net';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { NetfoldError, problemOf } from '#kernel';
import { HttpsNameservers } from './ask-over-https.js';
import { askOverTcp } from './ask-over-tcp.js';
import { askOverUdp } from './ask-over-udp.js';
import { parseNameserver } from './nameserver.js';

/** How long somebody who asks has patience, in milliseconds. */
const PATIENCE = 5_000;

/** Finds the addresses of a name. */
export type FindAddress = (name: string) => Promise<string>;

/** Asks nameservers, each in the way that it is named: plain DNS, which goes over TCP when the answer is long, or HTTPS. */
export class NameserverClient {
  readonly #https: HttpsNameservers;

  /**
   * @param findAddress of a resolver over HTTPS that is named by a name
   * @param ca whom to trust instead of those whom Node.js trusts, as PEM
   */
  constructor(findAddress: FindAddress, ca?: string) {
    this.#https = new HttpsNameservers(lookupThrough(findAddress), ca);
  }

  /**
   * The answer of a nameserver to this question.
   * @throws NetfoldError `dns.bad_nameserver`, `dns.no_answer`
   */
  async ask(nameserver: string, question: Uint8Array): Promise<Uint8Array> {
    const whom = parseNameserver(nameserver);
    const signal = AbortSignal.timeout(PATIENCE);
    try {
      if (whom instanceof URL) return await this.#https.ask(whom, question, signal);
      const reply = await askOverUdp(whom, question, signal);
      return isTruncated(reply) ? await askOverTcp(whom, question, signal) : reply;
    } catch (cause) {
      const message = `${nameserver} does not answer: ${problemOf(cause).message}`;
      throw new NetfoldError({ code: 'dns.no_answer', message, where: nameserver }, { cause });
    }
  }

  /** The IPv4 address of a name, if the nameserver knows one. */
  async lookUp(nameserver: string, name: string): Promise<string | undefined> {
    const question = encode({ type: 'query', flags: RECURSION_DESIRED, questions: [{ type: 'A', name }] });
    const { answers = [] } = decode(Buffer.from(await this.ask(nameserver, question)));
    for (const answer of answers) if (answer.type === 'A') return answer.data;
    return undefined;
  }

  close(): void {
    this.#https.close();
  }
}

const isTruncated = (reply: Uint8Array): boolean => ((reply[2] ?? 0) & 2) !== 0;

const lookupThrough =
  (findAddress: FindAddress): LookupFunction =>
  (name, options, callback) => {
    findAddress(name).then(
      (address) => {
        const family = isIPv6(address) ? 6 : 4;
        if (options.all) callback(null, [{ address, family }]);
        else callback(null, address, family);
      },
      (error) => callback(error as NodeJS.ErrnoException, '', 0),
    );
  };
