import type { KurrentLog } from './kurrent-log.js';
import type { LogRecord } from './log-record.js';
import type { ReadRequest } from './messages.js';

/** What a read or a subscription asks for. */
export interface ReadPlan {
  /** Undefined for all streams. */
  readonly stream: string | undefined;
  readonly follow: boolean;
  /** Whether only some of all streams are wanted. */
  readonly filtered: boolean;
  /** What is there now, in the order in which it is wanted; later a subscription wants what `wants`. */
  readonly now: readonly LogRecord[];
  wants(record: LogRecord): boolean;
}

export function planOf(log: KurrentLog, request: ReadRequest): ReadPlan {
  const options = request.getOptions();
  if (!options) throw new Error('a read needs options');
  const one = options.getStream();
  const stream = one && Buffer.from(one.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString();
  const follow = options.hasSubscription();
  const backwards = options.getReadDirection() === 1;
  const prefixes = options.getFilter()?.getStreamIdentifier()?.getPrefixList() ?? [];
  const from = placeIn(request);

  const wants = (record: LogRecord): boolean => {
    if (stream !== undefined && record.stream !== stream) return false;
    if (prefixes.length > 0 && !prefixes.some((prefix) => record.stream.startsWith(prefix))) return false;
    if (from === undefined) return true;
    const at = stream === undefined ? record.position : record.revision;
    if (follow) return at > from; // reads begin with what stands at the place, subscriptions behind it
    if (backwards) return stream === undefined ? at < from : at <= from; // of all streams, back from before the position
    return at >= from;
  };
  const all = stream === undefined ? log.records : log.stream(stream);
  const now = (backwards ? all.toReversed() : all).filter(wants);
  return {
    stream,
    follow,
    filtered: prefixes.length > 0,
    now: follow ? now : now.slice(0, Number(options.getCount())),
    wants,
  };
}

/** The revision or the position; undefined for the start forwards and the end backwards. */
function placeIn(request: ReadRequest): number | undefined {
  const stream = request.getOptions()?.getStream();
  if (stream) return stream.hasRevision() ? Number(stream.getRevision()) : undefined;
  const position = request.getOptions()?.getAll()?.getPosition();
  return position && Number(position.getCommitPosition());
}
