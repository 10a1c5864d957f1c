import { MOST_SACK_BLOCKS, OPTION, TIMESTAMPS_LENGTH } from '../protocol.js';
import { NO_OPTIONS, type SackBlock, type SegmentOptions, type Timestamps } from './segment.js';

const NONE: readonly SackBlock[] = [];
const LENGTH = { mss: 4, windowShift: 3, sackPermitted: 2, timestamps: 10 } as const;

/** The options between two offsets. What is unknown or cut off is left out. */
export function decodeOptions(view: DataView, from: number, to: number): SegmentOptions {
  if (from === to) return NO_OPTIONS;
  let mss: number | undefined;
  let windowShift: number | undefined;
  let sackPermitted = false;
  let timestamps: Timestamps | undefined;
  let sack = NONE;
  for (let at = from; at < to; ) {
    const kind = view.getUint8(at);
    if (kind === OPTION.end) break;
    if (kind === OPTION.none) {
      at++;
      continue;
    }
    const length = at + 1 < to ? view.getUint8(at + 1) : 0;
    if (length < 2 || at + length > to) break;
    if (kind === OPTION.timestamps && length === LENGTH.timestamps) {
      timestamps = { value: view.getUint32(at + 2), echo: view.getUint32(at + 6) };
    } else if (kind === OPTION.sack) sack = decodeSack(view, at, length);
    else if (kind === OPTION.mss && length === LENGTH.mss) mss = view.getUint16(at + 2);
    else if (kind === OPTION.windowScale && length === LENGTH.windowShift) windowShift = view.getUint8(at + 2);
    else if (kind === OPTION.sackPermitted && length === LENGTH.sackPermitted) sackPermitted = true;
    at += length;
  }
  return { mss, windowShift, sackPermitted, timestamps, sack };
}

function decodeSack(view: DataView, at: number, length: number): readonly SackBlock[] {
  const blocks: SackBlock[] = [];
  for (let i = at + 2; i + 8 <= at + length; i += 8) {
    blocks.push({ from: view.getUint32(i), to: view.getUint32(i + 4) });
  }
  return blocks;
}

/** How many bytes `encodeOptions` writes, a multiple of 4. */
export function optionsLength({ mss, windowShift, sackPermitted, timestamps, sack }: SegmentOptions): number {
  return (
    (mss === undefined ? 0 : 4) +
    (windowShift === undefined ? 0 : 4) +
    (sackPermitted ? 4 : 0) +
    (timestamps ? TIMESTAMPS_LENGTH : 0) +
    (sack.length > 0 ? 4 + 8 * Math.min(sack.length, MOST_SACK_BLOCKS) : 0)
  );
}

/** Writes the options, each padded in front to a multiple of 4 bytes, as everybody does. */
export function encodeOptions(view: DataView, start: number, options: SegmentOptions): void {
  let at = start;
  if (options.mss !== undefined) {
    view.setUint32(at, (OPTION.mss << 24) | (LENGTH.mss << 16) | options.mss);
    at += 4;
  }
  if (options.windowShift !== undefined) {
    view.setUint32(
      at,
      (OPTION.none << 24) | (OPTION.windowScale << 16) | (LENGTH.windowShift << 8) | options.windowShift,
    );
    at += 4;
  }
  if (options.sackPermitted) {
    view.setUint32(at, padded(OPTION.sackPermitted, LENGTH.sackPermitted));
    at += 4;
  }
  if (options.timestamps) {
    view.setUint32(at, padded(OPTION.timestamps, LENGTH.timestamps));
    view.setUint32(at + 4, options.timestamps.value);
    view.setUint32(at + 8, options.timestamps.echo);
    at += TIMESTAMPS_LENGTH;
  }
  if (options.sack.length > 0) encodeSack(view, at, options.sack.slice(0, MOST_SACK_BLOCKS));
}

function encodeSack(view: DataView, start: number, blocks: readonly SackBlock[]): void {
  view.setUint32(start, padded(OPTION.sack, 2 + 8 * blocks.length));
  for (const [i, { from, to }] of blocks.entries()) {
    view.setUint32(start + 4 + 8 * i, from);
    view.setUint32(start + 8 + 8 * i, to);
  }
}

const padded = (kind: number, length: number): number =>
  (OPTION.none << 24) | (OPTION.none << 16) | (kind << 8) | length;
