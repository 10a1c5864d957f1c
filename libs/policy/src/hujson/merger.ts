import type { JsonNode } from './json-node.js';
import { type Container, type Entry, type Layout, layoutOf, type Piece, writeContainer } from './layout.js';
import { mergeBlanks, mergeFlags } from './merge-blanks.js';
import { type MergeConflict, type MergeSide, type Placed, textOf } from './merge-outcome.js';
import { type MergePlan, planItems } from './plan-items.js';
import { planMembers } from './plan-members.js';
import { sameValue } from './similarity.js';
import { SourceText } from './source-text.js';

/** The three versions of a value; `base` is absent where both sides added it. */
export interface Three<T> {
  readonly base?: T | undefined;
  readonly ours?: T | undefined;
  readonly theirs?: T | undefined;
}

/** Merges the values of three documents, and collects what keeps it from it. */
export class Merger {
  readonly conflicts: MergeConflict[] = [];
  readonly #sources = new Map<string, SourceText>();

  /** The merged text of a value that both sides have. */
  merge(path: string, base: Placed | undefined, ours: Placed, theirs: Placed): string {
    const [one, other] = [textOf(ours), textOf(theirs)];
    if (one === other) return one;
    if (base && textOf(base) === other) return one;
    if (base && textOf(base) === one) return other;
    const { node } = ours;
    if (isContainer(node) && theirs.node.kind === node.kind) {
      if (base?.node.kind === node.kind) return this.#mergeContainers(path, base, ours, theirs);
      // Two that were added where nothing was: what each has of its own is added; a list only if it is a section.
      if (!base && (node.kind === 'object' || !path.includes('[')))
        return this.#mergeContainers(path, base, ours, theirs);
    }
    if (sameValue(ours.node, theirs.node)) return one;
    if (base && sameValue(base.node, theirs.node)) return one;
    if (base && sameValue(base.node, ours.node)) return other;
    this.conflict(path, base ? 'both sides changed it' : 'both sides added it', { base, ours, theirs });
    return one;
  }

  conflict(path: string, message: string, { base, ours, theirs }: Three<Placed>): void {
    this.conflicts.push({
      path,
      message,
      ...(base && { base: this.#sideOf(base) }),
      ...(ours && { ours: this.#sideOf(ours) }),
      ...(theirs && { theirs: this.#sideOf(theirs) }),
    });
  }

  #sideOf(placed: Placed): MergeSide {
    const source = this.#sources.get(placed.text) ?? new SourceText(placed.text);
    this.#sources.set(placed.text, source);
    return { text: textOf(placed), line: source.place(placed.node.start).line };
  }

  #mergeContainers(path: string, base: Placed | undefined, ours: Placed, theirs: Placed): string {
    const layouts = { base: base && layoutIn(base), ours: layoutIn(ours), theirs: layoutIn(theirs) };
    const entries = {
      base: layouts.base?.entries ?? [],
      ours: layouts.ours.entries,
      theirs: layouts.theirs.entries,
    };
    const isObject = ours.node.kind === 'object';
    const plan = isObject ? planMembers(entries) : planItems(entries, isInOrder(path));
    const pieces = plan.flatMap((step) => this.#take(step, path, { base, ours, theirs }) ?? []);
    const hasLastComma = mergeFlags(endsInComma(layouts.base), endsInComma(layouts.ours), endsInComma(layouts.theirs));
    const around = {
      head: this.#around(path, layouts, 'head'),
      tail: this.#around(path, layouts, 'tail'),
      hasLastComma,
    };
    return writeContainer(isObject ? '{}' : '[]', pieces, around);
  }

  /** One step of the plan; undefined when it leaves nothing. */
  #take({ at, base, ours, theirs, problem }: MergePlan, path: string, three: Three<Placed>): Piece | undefined {
    const place = `${path}${at}`.replace(/^\./, '');
    const placed = (side: keyof Three<Placed>, entry: Entry | undefined): Placed | undefined =>
      entry && { text: three[side]?.text ?? '', node: entry.node };
    const versions = { base: placed('base', base), ours: placed('ours', ours), theirs: placed('theirs', theirs) };
    if (problem !== undefined) {
      this.conflict(place, problem, versions);
      return undefined;
    }
    if (versions.ours && versions.theirs && ours && theirs) {
      const text = this.merge(place, versions.base, versions.ours, versions.theirs);
      const blanks = (part: 'lead' | 'name' | 'mid' | 'trail') =>
        this.#blanks(place, versions, {
          base: base?.[part] ?? ours[part],
          ours: ours[part],
          theirs: theirs[part],
        });
      return { lead: blanks('lead'), name: blanks('name'), text, mid: blanks('mid'), trail: blanks('trail') };
    }
    const [only, source] = ours ? [ours, versions.ours] : [theirs, versions.theirs];
    if (!only || !source) return undefined;
    // What one side removed and the other left as it was is gone; what it changed is in dispute.
    if (base && versions.base) {
      if (!sameValue(base.node, only.node))
        this.conflict(place, 'one side changed it, and the other removed it', versions);
      return undefined;
    }
    return { ...only, text: textOf(source) };
  }

  #around(path: string, layouts: Three<Layout>, part: 'head' | 'tail'): string {
    const [ours, theirs] = [layouts.ours?.[part] ?? '', layouts.theirs?.[part] ?? ''];
    return this.#blanks(path, {}, { base: layouts.base?.[part] ?? ours, ours, theirs });
  }

  #blanks(path: string, versions: Three<Placed>, texts: { base: string; ours: string; theirs: string }): string {
    const merged = mergeBlanks(texts);
    if (merged === undefined) this.conflict(path, 'both sides changed the comments beside it', versions);
    return merged ?? texts.ours;
  }
}

const isContainer = (node: JsonNode): node is Container => node.kind === 'object' || node.kind === 'array';

const layoutIn = ({ text, node }: Placed): Layout =>
  isContainer(node) ? layoutOf(text, node) : { head: '', entries: [], tail: '' };

const endsInComma = (layout: Layout | undefined): boolean => layout?.entries.at(-1)?.hasComma ?? false;

/** The lists in which it matters what comes first. */
const isInOrder = (path: string): boolean => /^ipsets\b|\.ipPool$/i.test(path);
