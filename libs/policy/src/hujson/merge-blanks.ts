/** The text around a value in the three versions. */
export interface Versions {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
}

/**
 * The text of the side that changed it. Where both did, blanks follow ours and comments the side that changed them;
 * undefined where both changed the comments, each in its own way.
 */
export function mergeBlanks({ base, ours, theirs }: Versions): string | undefined {
  if (ours === theirs || theirs === base) return ours;
  if (ours === base) return theirs;
  const [was, one, other] = [base, ours, theirs].map((text) => text.replace(/\s+/g, ' ').trim());
  if (other === was || one === other) return ours;
  return one === was ? theirs : undefined;
}

/** The same about whether something is there. */
export const mergeFlags = (base: boolean, ours: boolean, theirs: boolean): boolean => (ours === base ? theirs : ours);
