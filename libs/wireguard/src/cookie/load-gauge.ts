const WINDOW = 1000;

/** Tells load by the handshake messages of the running second, or is told of it, and stays alarmed for a second after (5.3). */
export class LoadGauge {
  private windowStart = Number.NEGATIVE_INFINITY;
  private count = 0;
  private alarmedUntil = Number.NEGATIVE_INFINITY;

  /** @param perSecond handshake messages a second that are served without further ado */
  constructor(private readonly perSecond: number) {}

  /** Counts one message and says whether the device is under load. */
  note(now: number): boolean {
    if (now - this.windowStart >= WINDOW) {
      this.windowStart = now;
      this.count = 0;
    }
    if (++this.count > this.perSecond) this.alarm(now);
    return now < this.alarmedUntil;
  }

  /** Whoever keeps messages waiting knows of load without counting. */
  alarm(now: number): void {
    this.alarmedUntil = now + WINDOW;
  }
}
