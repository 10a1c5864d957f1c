import { createHmac } from 'node:crypto';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { concatBytes, equalBytes, NetfoldError } from '#kernel';
import type { SnapshotKey } from './snapshot-cache.js';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** What a snapshot says of itself, beside its content. */
export interface SnapshotHeader extends SnapshotKey {
  /** What can read it: the release of netfold, and the version of the content. */
  readonly codec: string;
  /** Of the event at its revision, as the ledger keeps it. */
  readonly hash: string;
  /** Of the state at its revision, in milliseconds since the Unix epoch. */
  readonly recordedAt: number;
}

/** A snapshot as it was sealed. */
export interface OpenedSnapshot {
  readonly header: SnapshotHeader;
  /** The lines of the content. */
  lines(): Promise<readonly string[]>;
}

const MAC_BYTES = 32;
const LINE_FEED = 0x0a;
/** The fastest of the levels above 1 that find what a netmap's keys and names have in common. */
const LEVEL = 3;

/**
 * A snapshot as bytes: the header as a line of JSON, the lines of the content compressed with zstd (RFC 8878), and an
 * HMAC-SHA-256 (RFC 2104) over both: whoever writes to the cache without the server's secret gets nothing believed.
 */
export async function sealSnapshot(
  header: SnapshotHeader,
  lines: readonly string[],
  secret: Uint8Array,
): Promise<Uint8Array> {
  const body = await compress(Buffer.from(lines.join('\n')), {
    params: { [constants.ZSTD_c_compressionLevel]: LEVEL },
  });
  const sealed = concatBytes(Buffer.from(`${JSON.stringify(header)}\n`), body);
  return concatBytes(sealed, macOf(sealed, secret));
}

/**
 * The snapshot that these bytes are, if they are what was written under this key by a program with this codec.
 * @throws NetfoldError `snapshot.damaged`, `snapshot.other_codec`
 */
export function openSnapshot(bytes: Uint8Array, key: SnapshotKey, codec: string, secret: Uint8Array): OpenedSnapshot {
  const sealed = bytes.subarray(0, Math.max(0, bytes.length - MAC_BYTES));
  if (!equalBytes(macOf(sealed, secret), bytes.subarray(sealed.length))) throw damaged(key, 'its checksum is wrong');
  const end = sealed.indexOf(LINE_FEED);
  const header = JSON.parse(Buffer.from(sealed.subarray(0, end)).toString()) as SnapshotHeader;
  if (header.stream !== key.stream || header.revision !== key.revision || header.part !== key.part) {
    throw damaged(key, `it is that of ${header.stream}@${header.revision} (${header.part})`);
  }
  if (header.codec !== codec) throw otherCodec(key, header.codec, codec);
  return {
    header,
    lines: async () => (await decompress(sealed.subarray(end + 1))).toString().split('\n'),
  };
}

const macOf = (bytes: Uint8Array, secret: Uint8Array): Uint8Array =>
  createHmac('sha256', secret).update('netfold snapshot\0').update(bytes).digest();

const where = ({ stream, revision, part }: SnapshotKey): string => `${stream}@${revision} (${part})`;
const hint = 'nothing is lost: it is made again from the ledger';

const damaged = (key: SnapshotKey, what: string): NetfoldError =>
  new NetfoldError({ code: 'snapshot.damaged', message: `a snapshot is damaged: ${what}`, where: where(key), hint });

const otherCodec = (key: SnapshotKey, found: string, known: string): NetfoldError =>
  new NetfoldError({
    code: 'snapshot.other_codec',
    message: `a snapshot was written by another program: ${found} is not ${known}`,
    where: where(key),
    hint,
  });
