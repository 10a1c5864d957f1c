/** The members that only one of the two sets has. */
export function unshared<T>(a: ReadonlySet<T>, b: ReadonlySet<T>): T[] {
  const members: T[] = [];
  for (const member of a) if (!b.has(member)) members.push(member);
  for (const member of b) if (!a.has(member)) members.push(member);
  return members;
}
