import type { NetfoldError } from '#kernel';
import { FLAG, SYN_RETRIES } from '../protocol.js';
import type { Segment } from '../segment/segment.js';
import { arrive } from './arrival.js';
import { ControlBlock, type ControlBlockOptions } from './control-block.js';
import type { Flow } from './flow.js';
import { KeepAlive } from './keep-alive.js';
import { resetFor } from './reset-for.js';
import type { SegmentWriter } from './segment-writer.js';
import { isOpening, isOver, type TcpState } from './tcp-state.js';
import { transmit } from './transmit.js';

/** Told what happens to a connection. Every call comes when its state is settled, so any method may be called in it. */
export interface TcpObserver {
  onOpen?(): void;
  /** There is more to read, or the end was reached. */
  onReadable?(): void;
  /** There is room again after `write` took less than it was given. */
  onWritable?(): void;
  /** Nothing is sent or received any more; what arrived can still be read if there was no failure. Once, and last. */
  onClose?(failure: NetfoldError | undefined): void;
}

/** What a connection needs from the stack around it. */
export interface ConnectionHome {
  readonly writer: SegmentWriter;
  /** The state or the deadline of the connection may have changed. */
  onSettled(connection: TcpConnection): void;
}

export interface ConnectionOptions extends ControlBlockOptions {
  /** Silence in ms before the peer is probed; 0 never. */
  readonly keepAlive: number;
}

/** Room in bytes from which on a writer that had to wait is called: waking it for less costs more than it brings. */
const WORTH_WRITING = 65_536;

/**
 * A TCP connection (RFC 9293): a stream of bytes in each direction. It has no clock; whoever calls passes the time in
 * ms. What the reader does not take fills the buffer and closes the window, which stops the peer.
 */
export class TcpConnection {
  readonly #block: ControlBlock;
  readonly #keepAlive: KeepAlive;
  #observer: TcpObserver = {};
  #guard: TcpObserver = {};
  #asked: Segment | undefined;
  #wantsRoom = false;
  #toldOpen = false;
  #toldEnd = false;
  #toldClose = false;

  constructor(
    options: ConnectionOptions,
    readonly home: ConnectionHome,
  ) {
    this.#block = new ControlBlock(options);
    this.#keepAlive = new KeepAlive(options.keepAlive);
  }

  get flow(): Flow {
    return this.#block.options.flow;
  }

  get state(): TcpState {
    return this.#block.state;
  }

  /** Bytes that `read` has at once. */
  get readable(): number {
    return this.#block.receiver.readable;
  }

  /** The peer sends nothing more, and everything was read. */
  get ended(): boolean {
    return this.#block.receiver.ended && this.readable === 0;
  }

  /** When `onDeadline` wants to be called, in ms. */
  get deadline(): number {
    return Math.min(this.#block.deadline, this.#keepAlive.deadline);
  }

  /** Says who is told what happens; a later observer replaces the one before. */
  observe(observer: TcpObserver): void {
    this.#observer = observer;
  }

  /** Moves what has arrived into the buffer; answers how many bytes. */
  read(now: number, into: Uint8Array): number {
    const length = this.#block.receiver.read(into);
    if (this.#block.receiver.acks.due) this.#settle(now);
    return length;
  }

  /** Sends the bytes, or as many of them as there is room for, and answers how many. They are copied. */
  write(now: number, bytes: Uint8Array): number {
    if (isOver(this.state)) return 0;
    const taken = this.#block.sender.write(bytes);
    this.#wantsRoom = taken < bytes.length;
    this.#settle(now);
    return taken;
  }

  /** Nothing will be written any more; the peer may go on. What was written still arrives. */
  end(now: number): void {
    this.#block.sender.end();
    this.#settle(now);
  }

  /** Nobody will read or write any more: what was written still arrives, but what the peer sends is refused. */
  close(now: number): void {
    if (this.readable > 0 || isOpening(this.state)) this.abort(now);
    this.#block.orphaned = true;
    this.#block.sender.impatient = true;
    // Waiting for the peer's FIN has an end from now on.
    if (this.state === 'fin-wait-2') this.#block.enter(now, 'fin-wait-2');
    this.end(now);
  }

  /** Ends the connection at once, and tells the peer so. */
  abort(now: number): void {
    const block = this.#block;
    if (block.state === 'listen') this.refuse(now);
    if (isOver(block.state)) return;
    if (block.state !== 'syn-sent') {
      const acknowledgement = block.remoteSequence(block.receiver.next);
      block.answer = { sequence: block.localSequence(block.sender.nxt), acknowledgement, flags: FLAG.rst | FLAG.ack };
    }
    block.receiver.clear();
    block.enter(now, 'closed');
    this.#settle(now);
  }

  /** For the stack: opens the connection from this side. */
  connect(now: number): void {
    this.#block.enter(now, 'syn-sent');
    this.#block.synDue = true;
    this.#settle(now);
  }

  /**
   * For the stack: a peer wants to open the connection with this SYN; `accept` or `refuse` will answer.
   * @param guard hears of opening and closing before the observer does
   */
  ask(now: number, syn: Segment, guard: TcpObserver): void {
    this.#guard = guard;
    this.#asked = { ...syn, payload: new Uint8Array(0) };
    this.#block.enter(now, 'listen');
    this.#settle(now);
  }

  /** Agrees to what a peer asked for. */
  accept(now: number): void {
    if (!this.#asked || this.state !== 'listen') return;
    this.#block.negotiate(now, this.#asked.sequence, this.#asked.options);
    this.#asked = undefined;
    this.#block.enter(now, 'syn-received');
    this.#block.synDue = true;
    this.#settle(now);
  }

  /** Tells the peer that nothing listens here. */
  refuse(now: number): void {
    if (!this.#asked || this.state !== 'listen') return;
    this.#block.answer = resetFor(this.#asked);
    this.#asked = undefined;
    this.#block.enter(now, 'closed');
    this.#settle(now);
  }

  /** For the stack: takes a segment of this connection. The payload is only good during the call. */
  receive(now: number, segment: Segment): void {
    // Asked again because nobody has answered yet.
    if (this.state === 'listen' || this.state === 'closed') return;
    this.#keepAlive.onHeard(now);
    const fresh = arrive(this.#block, now, segment);
    this.#settle(now, fresh);
  }

  /** For the stack: whether a new connection may take the place of this one, which is over (RFC 6191, 2). */
  yieldsTo(now: number, segment: Segment): boolean {
    return this.state === 'time-wait' && isNewer(this.#block, now, segment);
  }

  /** For the stack: the connection leaves its place without a word. */
  forget(now: number): void {
    this.#block.enter(now, 'closed');
    this.#settle(now);
  }

  /** For the stack: lets time pass. */
  onDeadline(now: number): void {
    const block = this.#block;
    block.receiver.acks.onDeadline(now);
    if (block.stateDeadline <= now) block.enter(now, 'closed');
    if (isOpening(this.state) && block.handshake.deadline <= now) this.#retryHandshake(now);
    if (!block.sender.onDeadline(now)) block.fail(now, 'tcp.timeout');
    this.#checkPeer(now);
    this.#settle(now);
  }

  #retryHandshake(now: number): void {
    const most = this.state === 'syn-sent' ? SYN_RETRIES.active : SYN_RETRIES.passive;
    if (this.#block.handshake.retries >= most) this.#block.fail(now, 'tcp.timeout');
    else this.#block.synDue = true;
  }

  #checkPeer(now: number): void {
    const verdict = this.#keepAlive.onDeadline(now);
    if (verdict === 'dead') this.#block.fail(now, 'tcp.timeout');
    else if (verdict === 'probe') this.#block.sender.probe();
  }

  #settle(now: number, fresh = false): void {
    transmit(this.#block, now, this.home.writer);
    if (isOver(this.state)) this.#keepAlive.stop();
    this.home.onSettled(this);
    this.#notify(fresh);
  }

  // Each mark is set before its call, because the observer may come back here from within it.
  #notify(fresh: boolean): void {
    if (!this.#toldOpen && this.#block.established) {
      this.#toldOpen = true;
      this.#guard.onOpen?.();
      this.#observer.onOpen?.();
    }
    const ends = this.#block.receiver.ended && !this.#toldEnd;
    if (ends) this.#toldEnd = true;
    if (fresh || ends) this.#observer.onReadable?.();
    if (this.#wantsRoom && this.#block.sender.room >= Math.min(WORTH_WRITING, this.#block.options.sendBuffer / 2)) {
      this.#wantsRoom = false;
      this.#observer.onWritable?.();
    }
    if (!this.#toldClose && isOver(this.state)) {
      this.#toldClose = true;
      this.#guard.onClose?.(this.#block.failure);
      this.#observer.onClose?.(this.#block.failure);
    }
  }
}

/** A SYN that cannot be an old one of the connection that is over. */
function isNewer(block: ControlBlock, now: number, { flags, sequence, options }: Segment): boolean {
  if ((flags & (FLAG.syn | FLAG.ack | FLAG.rst)) !== FLAG.syn) return false;
  if (block.clock && options.timestamps && !block.clock.isOld(now, options.timestamps)) return true;
  return block.remoteOffset(sequence) > block.receiver.next;
}
