import { NetfoldError, type Problem } from '#kernel';
import type { Node } from '#tailnet';
import { Tailnet, type TailnetPorts } from './tailnet.js';

/** The tailnets of this process. */
export class Tailnets {
  readonly #byId = new Map<string, Tailnet>();

  constructor(private readonly ports: TailnetPorts) {}

  /** All that have been created. */
  *all(): Iterable<Tailnet> {
    for (const tailnet of this.#byId.values()) if (tailnet.fold.state.tailnet) yield tailnet;
  }

  /**
   * The one whose people sign in here: the first of this server.
   * @throws NetfoldError `tailnet.unknown`
   */
  first(): Tailnet {
    for (const tailnet of this.all()) return tailnet;
    this.#requireWhole();
    throw new NetfoldError({ code: 'tailnet.unknown', message: 'this server has no tailnet yet' });
  }

  find(id: string): Tailnet | undefined {
    return this.#byId.get(id);
  }

  /**
   * By id, or by the name that people use.
   * @throws NetfoldError `tailnet.unknown`
   */
  get(idOrName: string): Tailnet {
    const byId = this.#byId.get(idOrName);
    if (byId) return byId;
    for (const tailnet of this.all()) if (tailnet.fold.state.tailnet?.name === idOrName) return tailnet;
    throw new NetfoldError({
      code: 'tailnet.unknown',
      message: `there is no tailnet ${JSON.stringify(idOrName)}`,
      hint: "use '-' for the tailnet of your token",
    });
  }

  /**
   * The node with this id, and its tailnet.
   * @throws NetfoldError `node.unknown`; `tailnet.paused` when it may be in what cannot be read
   */
  ofNode(nodeId: string): { readonly tailnet: Tailnet; readonly node: Node } {
    for (const tailnet of this.all()) {
      const node = tailnet.fold.state.nodes.get(nodeId);
      if (node) return { tailnet, node };
    }
    this.#requireWhole();
    throw new NetfoldError({
      code: 'node.unknown',
      message: `there is no node ${JSON.stringify(nodeId)}`,
      hint: 'it may have been removed; log in again to join anew',
    });
  }

  /** The tailnet that has issued this auth key. @throws NetfoldError `tailnet.paused` when that cannot be told */
  ofAuthKey(keyId: string): Tailnet | undefined {
    for (const tailnet of this.all()) if (tailnet.fold.state.authKeys.has(keyId)) return tailnet;
    this.#requireWhole();
    return undefined;
  }

  /** No further events will come: whoever waits for one waits in vain. */
  fail(problem: Problem): void {
    const failure = new NetfoldError({ ...problem, code: 'control.broken' });
    for (const { fold } of this.#byId.values()) fold.fail(failure);
  }

  /** Those that cannot go on, also when not even their beginning could be read. */
  *paused(): Iterable<Tailnet> {
    for (const tailnet of this.#byId.values()) if (tailnet.paused) yield tailnet;
  }

  /** Throws when something that is not known here may be in a part of a ledger that cannot be read. */
  #requireWhole(): void {
    for (const { paused } of this.paused()) if (paused) throw paused;
  }

  /** By id, created in memory if need be: for its first event, or for the command that will cause it. */
  open(id: string): Tailnet {
    const known = this.#byId.get(id);
    if (known) return known;
    const tailnet = new Tailnet(id, this.ports);
    this.#byId.set(id, tailnet);
    return tailnet;
  }
}
