import type { StateDirectory } from '#host';
import type { Dice, Scheduler } from '#sim';

/** So many milliseconds a write takes at most. */
const SLOWEST_WRITE = 40;

/** The disk of a simulated machine, which a crash leaves as the last finished write made it. */
export class MemoryDisk {
  readonly files = new Map<string, Uint8Array>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly dice: Dice,
  ) {}

  /** A state directory on the disk, for one run of the agent. @param alive whether that run still goes on */
  mount(alive: () => boolean): StateDirectory {
    let turn: Promise<unknown> = Promise.resolve();
    const change = (apply: () => void): Promise<void> => {
      const done = turn.then(async () => {
        await this.scheduler.pause(1 + this.dice.below(SLOWEST_WRITE));
        if (alive()) apply();
        else await new Promise<never>(() => {}); // whoever wrote is gone, and hears of nothing
      });
      turn = done;
      return done;
    };
    const directory = {
      path: '/simulated',
      read: async (name: string) => this.files.get(name)?.slice(),
      write: (name: string, bytes: Uint8Array) => {
        const copy = bytes.slice();
        return change(() => this.files.set(name, copy));
      },
      remove: (name: string) => change(() => this.files.delete(name)),
    };
    return directory as unknown as StateDirectory; // it has private parts that no caller sees
  }
}
