/**
 * How the streams of one ledger are called in KurrentDB. What stands behind the ledger's name tells its own streams, which
 * are `LEDGER.STREAM`, from what netfold keeps beside them.
 */
export class StreamNames {
  /** What the names of all ledger streams begin with, and no other name. */
  readonly prefix: string;
  /** Has one event for each ledger stream, written before the stream itself. */
  readonly registry: string;

  constructor(readonly ledger: string) {
    this.prefix = `${ledger}.`;
    this.registry = `${ledger}:streams`;
  }

  /** @param stream a stream of the ledger */
  kurrent(stream: string): string {
    return `${this.prefix}${stream}`;
  }

  /** The stream of the ledger; undefined when it is another's. */
  ledgerStream(name: string): string | undefined {
    return name.startsWith(this.prefix) ? name.slice(this.prefix.length) : undefined;
  }

  checkpoint(consumer: string): string {
    return `${this.ledger}:checkpoint:${consumer}`;
  }
}
