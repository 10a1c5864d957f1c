import { FLAG, LARGEST_HEADER } from '../protocol.js';
import { timestampValue } from '../receive/timestamp-clock.js';
import { NO_OPTIONS, type SegmentHeader, type SegmentOptions } from '../segment/segment.js';
import { encodeHeader, sealSegment } from '../segment/segment-codec.js';
import type { Outgoing } from '../send/sender.js';
import type { Answer, ControlBlock } from './control-block.js';
import type { Flow } from './flow.js';

/** Takes a whole TCP segment with its checksum. The bytes are only good during the call. */
export type SendSegment = (flow: Flow, segment: Uint8Array) => void;

/** Writes the segments of all connections, into one buffer. */
export class SegmentWriter {
  readonly #bytes: Uint8Array;

  /** @param mtu the largest IP packet in bytes */
  constructor(
    readonly send: SendSegment,
    mtu: number,
  ) {
    this.#bytes = new Uint8Array(mtu + LARGEST_HEADER);
  }

  /** A SYN, with the acknowledgement of the peer's where there is one (RFC 9293, 3.5). */
  syn(block: ControlBlock, now: number): void {
    const answers = block.state === 'syn-received';
    const { timestampOffset, flow } = block.options;
    const timestamps = answers ? block.clock?.stamp(now) : { value: timestampValue(now, timestampOffset), echo: 0 };
    this.#send(flow, {
      ...ports(flow),
      sequence: block.localSequence(0),
      acknowledgement: answers ? block.remoteSequence(1) : 0,
      flags: answers ? FLAG.syn | FLAG.ack : FLAG.syn,
      window: block.receiver.advertiseUnscaled(),
      options: {
        mss: block.ownMss,
        windowShift: answers && !block.scaled ? undefined : block.shift,
        sackPermitted: !answers || block.sackPermitted,
        timestamps,
        sack: NO_OPTIONS.sack,
      },
    });
    if (answers) block.lastAcknowledged = 1;
  }

  /** A part of the stream, and an acknowledgement. */
  data(block: ControlBlock, { from, length, fin, push }: Outgoing, options: SegmentOptions): void {
    const flags = FLAG.ack | (push && length > 0 ? FLAG.psh : 0) | (fin ? FLAG.fin : 0);
    const header = encodeHeader(this.#bytes, this.#header(block, from, flags, options));
    block.sender.copy(from, length, this.#bytes, header);
    this.#seal(block.options.flow, header + length);
  }

  /** A segment without data, from this offset of our stream. */
  empty(block: ControlBlock, from: number, options: SegmentOptions): void {
    this.#send(block.options.flow, this.#header(block, from, FLAG.ack, options));
  }

  /** A segment that is not part of any stream. */
  answer(flow: Flow, answer: Answer): void {
    this.#send(flow, { ...ports(flow), ...answer, window: 0, options: NO_OPTIONS });
  }

  #header(block: ControlBlock, from: number, flags: number, options: SegmentOptions): SegmentHeader {
    const { flow } = block.options;
    const { next, acks } = block.receiver;
    block.lastAcknowledged = next;
    acks.onSent();
    return {
      sourcePort: flow.local.port,
      destinationPort: flow.remote.port,
      sequence: block.localSequence(from),
      acknowledgement: block.remoteSequence(next),
      flags,
      window: block.receiver.advertise(),
      options,
    };
  }

  #send(flow: Flow, segment: SegmentHeader): void {
    this.#seal(flow, encodeHeader(this.#bytes, segment));
  }

  #seal(flow: Flow, length: number): void {
    const segment = this.#bytes.subarray(0, length);
    sealSegment(flow.local.address, flow.remote.address, segment);
    this.send(flow, segment);
  }
}

const ports = ({ local, remote }: Flow): Pick<SegmentHeader, 'sourcePort' | 'destinationPort'> => ({
  sourcePort: local.port,
  destinationPort: remote.port,
});
