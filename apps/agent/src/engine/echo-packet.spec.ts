import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { UserspaceTun } from '#host';
import { formatAddress } from '#net';
import { echoRequest, parseEchoReply } from './echo-packet.js';

/** What the stack of this machine in memory answers to a packet. */
async function answerOf(address: string, packet: Uint8Array): Promise<Uint8Array | undefined> {
  const tun = new UserspaceTun({ addresses: [address] });
  const answers: Uint8Array[] = [];
  tun.onPackets((packets) => answers.push(...packets));
  tun.write(packet);
  await Promise.resolve();
  await tun.close();
  return answers[0];
}

const of = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
// The first byte keeps them unicast: 10.0.0.0/8 and fd00::/8.
const unicast = fc
  .constantFrom(4, 16)
  .chain((length) =>
    fc
      .tuple(of(length), of(length))
      .map(([a, b]) => [a, b].map((bytes) => Uint8Array.from([length === 4 ? 10 : 0xfd, ...bytes.slice(1)]))),
  );
const word = fc.integer({ min: 0, max: 0xffff });

describe('an echo request', () => {
  it('is answered by a stack that checks checksums, and its answer is known', async () => {
    await fc.assert(
      fc.asyncProperty(unicast, word, word, async ([source, destination], identifier, sequence) => {
        if (!source || !destination) return;
        const request = echoRequest({ source, destination, identifier, sequence });
        const answer = await answerOf(formatAddress(destination), request);
        expect(answer && parseEchoReply(answer)).toEqual({
          source: destination,
          destination: source,
          identifier,
          sequence,
        });
        expect(parseEchoReply(request)).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it('survives junk in place of an answer', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (junk) => void parseEchoReply(junk)));
  });
});
