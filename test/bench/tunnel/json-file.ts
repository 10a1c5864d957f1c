import { closeSync, openSync, writeFileSync } from 'node:fs';
import { NetfoldError, problemOf } from '#kernel';

/** Where the document of a run goes. To be opened before the run: what cannot be written would be lost after it. */
export class JsonFile {
  private constructor(private readonly descriptor: number) {}

  /** @throws NetfoldError `bench.cannot_write` */
  static open(path: string): JsonFile {
    try {
      return new JsonFile(openSync(path, 'w'));
    } catch (error) {
      const hint = '--json takes a file in a folder that exists and that you may write to';
      const message = `the results cannot be written: ${problemOf(error).message}`;
      throw new NetfoldError({ code: 'bench.cannot_write', message, hint });
    }
  }

  write(document: unknown): void {
    writeFileSync(this.descriptor, `${JSON.stringify(document, null, 2)}\n`);
    closeSync(this.descriptor);
  }
}
