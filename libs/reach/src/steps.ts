/** Work in small steps: whoever takes them may let other work come between two. */
export type Steps<T> = Generator<undefined, T>;

/** Takes all steps at once. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** Goes through items, with a step after every so many. */
export function* inStrides<T>(items: Iterable<T>, stride: number, take: (item: T) => void): Steps<void> {
  let taken = 0;
  for (const item of items) {
    take(item);
    taken += 1;
    if (taken % stride === 0) yield;
  }
}
