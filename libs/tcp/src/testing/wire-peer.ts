import { parseAddress } from '#net';
import type { TcpConnection } from '../connection/tcp-connection.js';
import { FLAG, LARGEST_HEADER } from '../protocol.js';
import { NO_OPTIONS, type Segment, type SegmentOptions } from '../segment/segment.js';
import { decodeSegment, encodeHeader, sealSegment } from '../segment/segment-codec.js';
import { TcpStack, type TcpStackOptions } from '../stack/tcp-stack.js';
import { chanceFrom } from './simulated-link.js';

const OURS = parseAddress('100.64.0.1');
const THEIRS = parseAddress('100.64.0.2');

const FLAGS: Readonly<Record<string, number>> = { S: FLAG.syn, A: FLAG.ack, F: FLAG.fin, R: FLAG.rst };

/** What a hand-made segment says; numbers count from the first of each stream, where the SYN is 0. */
export interface HandMade {
  /** Letters of the flags: S, A, F, R. */
  readonly flags: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly data?: number;
  readonly options?: Partial<SegmentOptions>;
  readonly port?: number;
}

/** One stack whose peer is the test, which writes and reads every segment itself. */
export class WirePeer {
  now = 1_000_000;
  readonly stack: TcpStack;
  /** The peer's first sequence number: close to where numbers wrap. */
  readonly irs = 0xffff_fff0;
  /** The first sequence number and the port of the stack's side, once it has sent a SYN. */
  iss = 0;
  ourPort = 80;
  theirPort = 4000;
  /** What watched connections have told, in a word each; a failure by its code. */
  readonly heard: string[] = [];
  #sent: Segment[] = [];

  constructor(options: Partial<TcpStackOptions> = {}) {
    const chance = chanceFrom(5);
    this.stack = new TcpStack({
      mtu: 1280,
      random: { bytes: (length) => Uint8Array.from({ length }, () => chance() * 256) },
      send: (_flow, bytes) => {
        const segment = decodeSegment(OURS, THEIRS, bytes.slice());
        if (!segment) throw new Error('the stack sent a damaged segment');
        if (segment.flags & FLAG.syn) {
          this.iss = segment.sequence;
          this.ourPort = segment.sourcePort;
        }
        this.#sent.push(segment);
      },
      ...options,
    });
  }

  /** What the stack has sent since the last call, as `SA 0 1`: flags, sequence, acknowledgement, and `+length`. */
  take(): string[] {
    return this.takeSegments().map((segment) => {
      const { flags, payload } = segment;
      const letters = (['syn', 'fin', 'rst', 'ack'] as const).filter((name) => flags & FLAG[name]);
      const name = letters.map((letter) => letter[0]?.toUpperCase()).join('');
      const numbers = [(segment.sequence - this.iss) | 0];
      if (flags & FLAG.ack) numbers.push((segment.acknowledgement - this.irs) | 0);
      return [name, ...numbers, ...(payload.length > 0 ? [`+${payload.length}`] : [])].join(' ');
    });
  }

  takeSegments(): Segment[] {
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  send({ flags, seq = 0, ack = 0, window = 65_535, data = 0, options = {}, port }: HandMade): void {
    const bytes = new Uint8Array(LARGEST_HEADER + data);
    const bits = [...flags].map((letter) => FLAGS[letter] ?? 0);
    const header = encodeHeader(bytes, {
      sourcePort: port ?? this.theirPort,
      destinationPort: this.ourPort,
      sequence: (this.irs + seq) >>> 0,
      acknowledgement: flags.includes('A') ? (this.iss + ack) >>> 0 : 0,
      flags: bits.reduce((all, bit) => all | bit, 0),
      window,
      options: { ...NO_OPTIONS, ...options },
    });
    bytes.fill(0x78, header);
    const segment = bytes.subarray(0, header + data);
    sealSegment(THEIRS, OURS, segment);
    this.stack.receive(this.now, THEIRS, OURS, segment);
  }

  /** Lets time pass, timer by timer. */
  pass(milliseconds: number): void {
    const end = this.now + milliseconds;
    while (this.stack.deadline <= end) {
      this.now = Math.max(this.now, this.stack.deadline);
      this.stack.advance(this.now);
    }
    this.now = end;
  }

  watch(connection: TcpConnection): TcpConnection {
    connection.observe({
      onOpen: () => this.heard.push('open'),
      onReadable: () => this.heard.push('readable'),
      onWritable: () => this.heard.push('writable'),
      onClose: (failure) => this.heard.push(failure ? failure.code : 'close'),
    });
    return connection;
  }

  connect(): TcpConnection {
    return this.stack.connect(this.now, { address: OURS, port: 0 }, { address: THEIRS, port: this.theirPort });
  }

  /** A connection that the stack has opened, with these options of the peer's. */
  establish(options: Partial<SegmentOptions> = {}, window = 65_535): TcpConnection {
    const connection = this.connect();
    this.send({ flags: 'SA', ack: 1, options, window });
    this.take();
    return connection;
  }
}
