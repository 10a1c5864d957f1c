/** A set of address families. */
export type Families = number;

export const V4: Families = 1;
export const V6: Families = 2;
export const BOTH: Families = 3;
