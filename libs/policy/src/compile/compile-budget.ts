import { NetfoldError } from '#kernel';

/** Beyond these, drop rules overlap accept rules in so many ways that what is left can hardly be written down. */
const MAX_PIECES_OF_ONE = 1_024;
const MAX_PIECES = 32_768;

/** So many atoms a policy may have: rules that name many destinations, large IP sets and many ports multiply. */
const MAX_ATOMS = 65_536;

/** So many sources all its rules may have together, counting an IP set's prefixes for each rule that names it. */
const MAX_SOURCES = 262_144;

/** So many pairs of an accept and a drop rule are looked at: few of any sane policy have something in common. */
const MAX_PAIRS = 1_000_000;

/** What a rule spreads to. */
export interface Extent {
  /** At most: pairs of a destination and a service. */
  readonly atoms: number;
  readonly sources: number;
}

/**
 * Bounds what may cost more than the file is long: rules whose parts multiply, and drop rules, which are taken out of every
 * accept rule. It counts, and looks at no clock, so every reader of a policy comes to the same end.
 */
export class CompileBudget {
  #atoms = 0;
  #sources = 0;
  #pieces = 0;

  /** @param cuts how many drops each accept rule is held against */
  constructor(private readonly cuts: number) {}

  /** How many pieces have been made. */
  get pieces(): number {
    return this.#pieces;
  }

  /**
   * Makes room for a rule, before there is anything of it.
   * @throws NetfoldError `policy.too_large`, `policy.too_many_drops`
   */
  reserve({ atoms, sources }: Extent): void {
    this.#atoms += atoms;
    this.#sources += sources;
    if (this.#atoms > MAX_ATOMS) throw tooLarge(`${MAX_ATOMS} pairs of a destination and a service`);
    if (this.#sources > MAX_SOURCES) throw tooLarge(`${MAX_SOURCES} sources`);
    if (this.#atoms * this.cuts > MAX_PAIRS) throw tooManyDrops(`are too many for so many accept rules: ${this.cuts}`);
  }

  /**
   * Notes pieces that were made.
   * @throws NetfoldError `policy.too_many_drops`
   */
  spend(pieces: number): void {
    this.#pieces += pieces;
    if (this.#pieces > MAX_PIECES) throw tooManyDrops(`cut the accept rules into more than ${MAX_PIECES} pieces`);
  }

  /** @throws NetfoldError `policy.too_many_drops` */
  checkPieces(ofOneRule: number): void {
    if (ofOneRule <= MAX_PIECES_OF_ONE) return;
    throw tooManyDrops(`cut one accept rule into more than ${MAX_PIECES_OF_ONE} pieces`);
  }
}

const tooLarge = (limit: string): NetfoldError =>
  new NetfoldError({
    code: 'policy.too_large',
    message: `the rules spread to more than ${limit}`,
    hint: 'name many machines by a tag, and have fewer and wider prefixes in IP sets',
  });

const tooManyDrops = (what: string): NetfoldError =>
  new NetfoldError({
    code: 'policy.too_many_drops',
    message: `drop rules ${what}`,
    hint: 'drop from "*", or to "*", or from single users, or make the accept rules narrower',
  });
