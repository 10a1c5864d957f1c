import { type DestinationStream, type Logger, pino } from 'pino';
import { requestContext } from '../request-context.js';
import { redacted } from './redacted.js';

/** How much is told; `trace` is for whoever looks for a fault in netfold. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';

/**
 * A log of one JSON object per line. Every line says which request, and which trace, it belongs to; and none leaves without
 * having been looked through for secrets: the last line of defence, for none should get this far.
 */
export function createLogger(level: LogLevel = 'info', destination: DestinationStream = pino.destination(2)): Logger {
  const mixin = () => {
    const { requestId, trace } = requestContext.getStore() ?? {};
    return { ...(requestId && { requestId }), ...(trace && { traceId: trace.traceId }) };
  };
  return pino({ level, mixin }, { write: (line: string) => destination.write(redacted(line)) });
}
