/** The members of `a` that `b` has too; `a` itself when that is all of them. */
export function intersection<T>(a: readonly T[], b: readonly T[]): readonly T[] {
  if (a === b) return a;
  const other = new Set(b);
  const both = a.filter((member) => other.has(member));
  return both.length === a.length ? a : both;
}

/** The members of `a` that `b` has not. */
export function difference<T>(a: readonly T[], b: readonly T[]): T[] {
  if (a === b) return [];
  const other = new Set(b);
  return a.filter((member) => !other.has(member));
}

/** Whether two lists without repetitions have the same members. */
export const sameSet = <T>(a: readonly T[], b: readonly T[]): boolean =>
  a === b || (a.length === b.length && intersection(a, b).length === a.length);
