import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

// One for all, because each new one allocates a buffer of its own.
const writer = new BinaryWriter();

/** A message with one field, a message that is put together from serialised pieces. */
export function wrap(fieldNumber: number, pieces: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  const prefix = writer.tag(fieldNumber, WireType.LengthDelimited).uint32(length).finish();
  const message = Buffer.allocUnsafe(prefix.length + length);
  message.set(prefix, 0);
  let offset = prefix.length;
  for (const piece of pieces) {
    message.set(piece, offset);
    offset += piece.length;
  }
  return message;
}
