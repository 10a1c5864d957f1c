// Loaded into a replica before it, by `node --import`: its clock can be set wrong from outside, and it ends with the run.
// Nothing of the product knows of it, so no product can be told a wrong time in this way.
const RealDate = Date;
let skew = 0;

/** As `Date`, but for the moment that it takes for now. */
class SkewedDate extends RealDate {
  constructor(...args: readonly unknown[]) {
    if (args.length === 0) super(RealDate.now() + skew);
    else super(...(args as [number]));
  }

  static override now(): number {
    return RealDate.now() + skew;
  }
}

globalThis.Date = SkewedDate as DateConstructor;

process.on('message', (message: { readonly skew: number }) => {
  skew = message.skew;
});
process.on('disconnect', () => process.exit(0));
process.channel?.unref();
