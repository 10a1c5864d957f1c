/** Whether two values of plain data (what JSON can say, and undefined) are equal, member by member. */
export function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [Object.entries(a), new Map<string, unknown>(Object.entries(b))];
  return (
    left.length === right.size && left.every(([name, value]) => right.has(name) && sameValue(value, right.get(name)))
  );
}

/** `after`, or `before` when that says the same: what is equal stays the same object. */
export const keep = <T>(before: T | undefined, after: T): T =>
  before !== undefined && sameValue(before, after) ? before : after;
