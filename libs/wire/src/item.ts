import { hash } from 'node:crypto';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type Item, type EncodedItem as ItemBytes, keyOf } from '#netmap';
import { FrameSchema } from './gen/netfold/v1/agent_pb.js';
import { type Item as ItemMessage, ItemSchema } from './gen/netfold/v1/netmap_pb.js';
import { itemFrom, itemMessage } from './item-mapping.js';
import { reading } from './malformed.js';

/** An item as it travels, and its part in the digest of a netmap. */
export interface EncodedItem extends ItemBytes {
  /** `bytes` with tag and length in front: an entry of a frame's items. */
  readonly field: Uint8Array;
}

const ITEMS = FrameSchema.field.items.number;

// One for all, because each new one allocates a buffer of its own.
const writer = new BinaryWriter();

const encoded = new WeakMap<Item, EncodedItem>();

/**
 * The `Encoder` of netmaps. It encodes an item once in its life: items are immutable, and shared by all viewers that
 * see the same.
 */
export function encodeItem(item: Item): EncodedItem {
  const known = encoded.get(item);
  if (known) return known;
  const fresh = new Encoded(keyOf(item), toBinary(ItemSchema, create(ItemSchema, { item: itemMessage(item) })));
  encoded.set(item, fresh);
  return fresh;
}

/**
 * The item that was sent. `encodeItem` of it gives the bytes as they came, unknown fields included, so that both ends
 * compute the same digest though one of them is older.
 * @throws NetfoldError `wire.malformed`
 */
export function decodeItem(bytes: Uint8Array): Item {
  const message: ItemMessage = reading('an Item', () => fromBinary(ItemSchema, bytes));
  const item = itemFrom(message);
  encoded.set(item, new Encoded(keyOf(item), bytes));
  return item;
}

/** The field is made when it is asked for: only a sender needs it. */
class Encoded implements EncodedItem {
  readonly hash: Uint8Array;
  #field: Uint8Array | undefined;

  constructor(
    key: string,
    readonly bytes: Uint8Array,
  ) {
    this.hash = hashOf(key, bytes);
  }

  get field(): Uint8Array {
    this.#field ??= writer.tag(ITEMS, WireType.LengthDelimited).bytes(this.bytes).finish();
    return this.#field;
  }
}

/** SHA-256 of key ‖ 0 ‖ bytes. */
function hashOf(key: string, bytes: Uint8Array): Uint8Array {
  const length = Buffer.byteLength(key);
  const input = Buffer.allocUnsafe(length + 1 + bytes.length);
  input.write(key);
  input[length] = 0;
  input.set(bytes, length + 1);
  return hash('sha256', input, 'buffer');
}
