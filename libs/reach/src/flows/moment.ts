import { bearsAny, factsOf, isExitPrefix, type Party, PolicyIndex, partyOf, rankRouters } from '#netmap';
import type { Directory, Rule } from '#policy';
import { directoryOf, type Node, subjectOf, type TailnetState } from '#tailnet';
import { atOnce, inStrides, type Steps } from '../steps.js';

/** A node that takes part in the network. */
export interface Member {
  readonly node: Node;
  /** The login name of its owner; undefined for tagged nodes. */
  readonly login: string | undefined;
  readonly party: Party;
  /** The prefixes that it serves, exit routes included. */
  readonly routes: readonly string[];
}

/** A router's way to a prefix. */
interface Way {
  readonly router: Member;
  readonly party: Party;
}

/** So many nodes are labelled in one step. */
const STRIDE = 100;

/** A tailnet at one revision, as far as flows depend on it. */
export class Moment {
  readonly policy: PolicyIndex;
  readonly directory: Directory;
  /** Those who take part, by id. */
  readonly members = new Map<string, Member>();
  /** By prefix, the primary first. */
  readonly #ways = new Map<string, Way[]>();

  private constructor(
    readonly state: TailnetState,
    near: Moment | undefined,
  ) {
    this.policy = PolicyIndex.of(state.policy.compiled, near?.policy ?? PolicyIndex.EMPTY);
    this.directory = directoryOf(state);
  }

  static of = (state: TailnetState): Moment => atOnce(Moment.making(state));

  /** @param near a moment with which it shares what both have in common; it makes no other difference */
  static *making(state: TailnetState, near?: Moment): Steps<Moment> {
    const moment = new Moment(state, near);
    yield* moment.#takeNodes(near !== undefined && sameNames(state, near.state) ? near : undefined);
    return moment;
  }

  *#takeNodes(near: Moment | undefined): Steps<void> {
    const since = new Map<string, (readonly [node: string, since: number])[]>();
    yield* inStrides(this.state.nodes, STRIDE, ([id, node]) => {
      const facts = factsOf(this.state, id);
      if (!facts?.active) return;
      const routes = facts.offers.map(({ prefix }) => prefix);
      const same = near?.members.get(id);
      this.members.set(id, same?.node === node ? same : { node, routes, ...this.#standingOf(node) });
      for (const { prefix, since: revision } of facts.offers) {
        since.set(prefix, [...(since.get(prefix) ?? []), [id, revision]]);
      }
    });
    for (const [prefix, routers] of since) this.#ways.set(prefix, this.#rank(prefix, routers));
  }

  /** The rules that let packets pass, by id. */
  rule(id: string): Rule | undefined {
    return this.policy.compiled?.byId.get(id);
  }

  #standingOf(node: Node): Pick<Member, 'login' | 'party'> {
    const subject = subjectOf(this.state, node);
    const party = partyOf(this.policy.labelsOf(subject, this.directory));
    return { login: subject.tags.length > 0 ? undefined : subject.user, party };
  }

  get prefixes(): readonly string[] {
    return [...this.#ways.keys()];
  }

  waysTo(prefix: string): readonly Way[] {
    return this.#ways.get(prefix) ?? [];
  }

  /** The router that this member sends a prefix's packets to, or that it is itself; undefined when it is told of none. */
  routerFor(viewer: Member, prefix: string): Member | undefined {
    const ways = this.waysTo(prefix);
    if (ways[0]?.router === viewer && !isExitPrefix(prefix)) return viewer;
    return ways.find((way) => way.router !== viewer && this.#isTold(viewer, way))?.router;
  }

  /** The router of the narrowest of these prefixes that the viewer is told of, or the viewer where that is its own. */
  subnetRouter(viewer: Member, chain: readonly string[]): Member | undefined {
    for (const prefix of chain) {
      const router = isExitPrefix(prefix) ? undefined : this.routerFor(viewer, prefix);
      if (router) return router;
    }
    return undefined;
  }

  /** Whether this member may choose that one as its exit node for a family's exit route. */
  mayExit(viewer: Member, exit: Member, prefix: string): boolean {
    const way = this.waysTo(prefix).find(({ router }) => router === exit);
    return way !== undefined && viewer !== exit && this.#isTold(viewer, way);
  }

  #isTold(viewer: Member, { party }: Way): boolean {
    return bearsAny(party, this.policy.reachOf(viewer.party).routes);
  }

  #rank(prefix: string, routers: readonly (readonly [string, number])[]): Way[] {
    return rankRouters(routers).flatMap(([id]) => {
      const router = this.members.get(id);
      if (!router) return [];
      return [{ router, party: partyOf(this.policy.labelsOfRoute(prefix, router.node.tags, this.directory)) }];
    });
  }
}

/** Whether the policy, the people and their groups are the same, and so what they make of a node. */
const sameNames = (a: TailnetState, b: TailnetState): boolean =>
  a.policy.compiled === b.policy.compiled && a.users === b.users && a.groupsByLogin === b.groupsByLogin;
