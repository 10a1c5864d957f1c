/**
 * The values of one label. Every value is a time series that lives as long as the process, so there are at most so many;
 * all further ones are `other`.
 */
export class BoundedLabel {
  readonly #known = new Set<string>();

  constructor(private readonly most: number) {}

  of(value: string): string {
    if (this.#known.has(value)) return value;
    if (this.#known.size >= this.most) return 'other';
    this.#known.add(value);
    return value;
  }
}
