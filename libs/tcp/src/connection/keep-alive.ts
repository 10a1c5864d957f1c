import { KEEPALIVE } from '../protocol.js';

const NEVER = Number.POSITIVE_INFINITY;

/** Asks a silent peer whether it is still there (RFC 9293, 3.8.4). In milliseconds. */
export class KeepAlive {
  #deadline = NEVER;
  #probes = 0;

  /** @param idle silence before the first probe; 0 never probes */
  constructor(readonly idle: number) {}

  get deadline(): number {
    return this.#deadline;
  }

  onHeard(now: number): void {
    this.#probes = 0;
    this.#deadline = this.idle > 0 ? now + this.idle : NEVER;
  }

  stop(): void {
    this.#deadline = NEVER;
  }

  onDeadline(now: number): 'wait' | 'probe' | 'dead' {
    if (this.#deadline > now) return 'wait';
    if (this.#probes === KEEPALIVE.probes) return 'dead';
    this.#probes++;
    this.#deadline = now + Math.min(this.idle, KEEPALIVE.interval);
    return 'probe';
  }
}
