import type { Scheduler } from './scheduler.js';

/** One end of a connection: what it sends arrives at the other whole and in order, or the connection is over. */
export interface ConnectionEnd<Out> {
  /** @param sent called when the transport has taken the message and wants more */
  send(message: Out, sent?: () => void): void;
  /** Ends the connection behind what was sent. */
  end(): void;
}

/** What happens at an end. */
export interface ConnectionListener<In> {
  received(message: In): void;
  /** Nothing more comes. @param broken whether the network, not the other end, is the reason */
  ended(broken: boolean): void;
}

export interface ConnectionQuality {
  /** Milliseconds from one end to the other. */
  readonly latency: number;
  /** Milliseconds that one message keeps the transport busy. */
  readonly transmission: number;
}

/** A stream between two programs, as TCP gives one, in simulated time. */
export class SimulatedConnection<Up, Down> {
  readonly client: ConnectionEnd<Up>;
  readonly server: ConnectionEnd<Down>;
  #atClient: ConnectionListener<Down> | undefined;
  #atServer: ConnectionListener<Up> | undefined;
  #broken = false;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly quality: ConnectionQuality,
  ) {
    this.client = this.#end<Up>(() => this.#atServer);
    this.server = this.#end<Down>(() => this.#atClient);
  }

  open(atClient: ConnectionListener<Down>, atServer: ConnectionListener<Up>): void {
    this.#atClient = atClient;
    this.#atServer = atServer;
  }

  /** Loses what is under way. Each end notices in its own time, in milliseconds from now. */
  break(client: number, server: number): void {
    if (this.#broken) return;
    this.#broken = true;
    const [atClient, atServer] = [this.#atClient, this.#atServer];
    this.scheduler.after(client, () => atClient?.ended(true));
    this.scheduler.after(server, () => atServer?.ended(true));
  }

  #end<Out>(other: () => ConnectionListener<Out> | undefined): ConnectionEnd<Out> {
    const { scheduler, quality } = this;
    let free = 0;
    let over = false;
    return {
      send: (message, sent) => {
        if (over) return;
        free = Math.max(free, scheduler.now) + quality.transmission;
        scheduler.after(free - scheduler.now + quality.latency, () => {
          if (!this.#broken) other()?.received(message);
        });
        if (sent) scheduler.after(free - scheduler.now, sent);
      },
      end: () => {
        if (over) return;
        over = true;
        scheduler.after(Math.max(0, free - scheduler.now) + quality.latency, () => {
          if (!this.#broken) other()?.ended(false);
        });
      },
    };
  }
}
