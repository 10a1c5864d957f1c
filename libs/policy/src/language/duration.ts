const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** The seconds of a duration such as `20h`, `1h30m` or `0s`; or what is wrong with it, in the words of Go's parser. */
export function parseDuration(text: string): number | string {
  const body = text.replace(/^[+-]/, '');
  if (body === '0') return 0;
  if (!/^(?:[0-9.]+[^0-9.]*)+$/.test(body)) return `time: invalid duration ${JSON.stringify(text)}`;
  let seconds = 0;
  for (const [, amount, unit = ''] of body.matchAll(/([0-9.]+)([^0-9.]*)/g)) {
    if (!/^(?:\d+\.?\d*|\.\d+)$/.test(amount ?? '')) return `time: invalid duration ${JSON.stringify(text)}`;
    if (unit === '') return `time: missing unit in duration ${JSON.stringify(text)}`;
    const length = Object.hasOwn(UNITS, unit) ? UNITS[unit] : undefined;
    if (length === undefined) return `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}`;
    seconds += Number(amount) * length;
  }
  return text.startsWith('-') ? -seconds : seconds;
}

/** `168h0m1s`, as Go writes a duration of whole seconds. */
export function formatDuration(seconds: number): string {
  const whole = Math.abs(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const sign = seconds < 0 ? '-' : '';
  if (h > 0) return `${sign}${h}h${m}m${s}s`;
  return m > 0 ? `${sign}${m}m${s}s` : `${sign}${s}s`;
}
