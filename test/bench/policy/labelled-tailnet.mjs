// The nodes of a tailnet by their labels, kept up to date: what a control plane holds for its policy.

export class LabelledTailnet {
  byLabel = new Map();
  labels = new Map();

  constructor(compiled, directory) {
    this.compiled = compiled;
    this.directory = directory;
  }

  /** Adds a node or takes note of its change; returns the rules that concern it now or did before. */
  put(subject) {
    const before = this.labels.get(subject.id) ?? new Set();
    const after = this.compiled.labelsOf(subject, this.directory);
    for (const label of before) if (!after.has(label)) this.byLabel.get(label)?.delete(subject.id);
    for (const label of after) if (!before.has(label)) this.#nodes(label).add(subject.id);
    this.labels.set(subject.id, after);
    const rules = new Set();
    for (const label of new Set([...before, ...after])) {
      for (const rule of this.compiled.rulesTo(label)) rules.add(rule.id);
      for (const rule of this.compiled.rulesFrom(label)) rules.add(rule.id);
    }
    return rules;
  }

  #nodes(label) {
    const nodes = this.byLabel.get(label) ?? new Set();
    this.byLabel.set(label, nodes);
    return nodes;
  }
}
