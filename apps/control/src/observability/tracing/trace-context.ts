import { isSpanContextValid, type SpanContext } from '@opentelemetry/api';

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/**
 * A place in a trace, as the header `traceparent` has it (W3C Trace Context, 3.2), and as events keep it in `correlation`.
 * @returns undefined when the text is none: a trace is never a reason to refuse something
 */
export function parseTraceparent(text: string | undefined): SpanContext | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(text?.trim() ?? '') ?? [];
  // Later versions may say more after the part that is known; ff is none.
  if (!traceId || !spanId || version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags ?? '', 16) & 1, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

export const formatTraceparent = ({ traceId, spanId, traceFlags }: SpanContext): string =>
  `00-${traceId}-${spanId}-${traceFlags & 1 ? '01' : '00'}`;
