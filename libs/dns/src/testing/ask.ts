import { type DecodedPacket, decode, encode, type Packet, type RecordType } from 'dns-packet';

/** A question as a stub resolver sends it. */
export const question = (name: string, type: RecordType = 'A', more: Partial<Packet> = {}): Uint8Array =>
  encode({ type: 'query', id: 7, flags: 0x100, questions: [{ type, name }], ...more });

/** An OPT record that says what the asker can take. */
export const opt = (udpPayloadSize: number, flags = 0, ednsVersion = 0): Partial<Packet> => ({
  additionals: [
    { type: 'OPT', name: '.', udpPayloadSize, extendedRcode: 0, ednsVersion, flags, flag_do: false, options: [] },
  ],
});

/** Reads an answer. */
export const read = (message: Uint8Array | undefined): DecodedPacket & { readonly rcode: string } => {
  if (!message) throw new Error('no answer');
  return decode(Buffer.from(message)) as DecodedPacket & { readonly rcode: string };
};

/** An answer of a nameserver somewhere. */
export const answerTo = (message: Uint8Array, more: Partial<Packet>): Uint8Array =>
  encode({ ...decode(Buffer.from(message)), type: 'response', flags: 0x180, additionals: [], ...more });
