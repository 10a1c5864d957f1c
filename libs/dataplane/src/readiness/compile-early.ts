import { setFlagsFromString } from 'node:v8';

/** Calls of a function after which it is compiled: a draft, then in earnest, and how long after it last saw something new. */
const AFTER_CALLS = {
  'invocation-count-for-maglev': 30,
  'invocation-count-for-turbofan': 150,
  'minimum-invocations-after-ic-update': 30,
} as const;
/** Of V8 in Node 24; others may know other names, and complain. */
const KNOWN = '13.';

/**
 * Has V8 compile sooner. Left alone it waits for thousands of calls: a tunnel that carries little, such as a shell or a
 * ping, would be interpreted for an hour, at five times the time for each packet.
 */
export function compileEarly(): void {
  if (!process.versions.v8.startsWith(KNOWN)) return;
  for (const [name, calls] of Object.entries(AFTER_CALLS)) setFlagsFromString(`--${name}=${calls}`);
}
