import type { z } from 'zod';
import type { StateDirectory } from '#host';
import { fromUtf8, NetfoldError, utf8 } from '#kernel';

/** A small JSON file in the state directory with a schema, and its value in memory. */
export class JsonFile<T> {
  #value: T;

  private constructor(
    readonly directory: StateDirectory,
    readonly name: string,
    value: T,
  ) {
    this.#value = value;
  }

  /**
   * @param initial the value when there is no file yet
   * @throws NetfoldError `agent.state_corrupt`: nothing is overwritten that a person may still want to mend
   */
  static async open<T>(
    directory: StateDirectory,
    name: string,
    schema: z.ZodType<T>,
    initial: T,
  ): Promise<JsonFile<T>> {
    const bytes = await directory.read(name);
    return new JsonFile(directory, name, bytes ? parse(`${directory.path}/${name}`, schema, bytes) : initial);
  }

  get value(): T {
    return this.#value;
  }

  /** Replaces the value; when it answers, the disk has it. */
  async save(value: T): Promise<void> {
    await this.directory.write(this.name, utf8(JSON.stringify(value)));
    this.#value = value;
  }
}

function parse<T>(path: string, schema: z.ZodType<T>, bytes: Uint8Array): T {
  try {
    return schema.parse(JSON.parse(fromUtf8(bytes)));
  } catch (cause) {
    const message = 'a file of the agent is damaged';
    const hint = 'restore it from a backup, or move it away: the machine then has to join anew';
    throw new NetfoldError({ code: 'agent.state_corrupt', message, where: path, hint }, { cause });
  }
}
