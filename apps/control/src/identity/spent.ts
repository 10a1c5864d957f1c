import type { Records } from '#coordination';

/** What is good once, and was used; until it would not be good any more anyway. */
export class Spent {
  constructor(private readonly records: Records<true>) {}

  /** Notes that something was used; whether it had not been. @param expiresAt milliseconds since the Unix epoch */
  async spend(name: string, expiresAt: number): Promise<boolean> {
    return (await this.records.update(name, (known) => (known ? undefined : { value: true, expiresAt }))) === undefined;
  }

  async isSpent(name: string): Promise<boolean> {
    return (await this.records.find(name)) !== undefined;
  }
}
