import { type Problem, problemOf } from '#kernel';
import { advance, type EngineState, emptyEngineState, type Operation, plan } from '#plan';
import { HandSettings } from '../by-hand/hand-settings.js';
import { applyToTunnel, isHostOperation } from './apply-operation.js';
import { DEFAULT_HOST_CHOICES, type HostChoices, type HostPort } from './host-port.js';
import type { Tunnel } from './tunnel.js';

/** Brings the engine, the filter and the host to the state that is wanted, and knows which one they are in. */
export class EngineRuntime {
  #state: EngineState = emptyEngineState;
  /** Whether the host is not, or not yet, what the state says. */
  #hostBehind = false;
  /** Whether it was ever asked for anything: until then it may hold back what a netmap is needed for. */
  #hostAsked = false;
  #closed = false;
  #hostWork: Promise<void> = Promise.resolve();
  #hostProblem: Problem | undefined;
  #choices: HostChoices;

  /** What somebody has set on the interface, beside the netmap. */
  readonly byHand: HandSettings;

  constructor(
    readonly tunnel: Tunnel,
    readonly host: HostPort,
    choices: HostChoices = DEFAULT_HOST_CHOICES,
  ) {
    this.#choices = choices;
    this.byHand = new HandSettings(
      tunnel,
      () => this.#state.peers,
      () => this.#configureSoon(),
    );
    host.watch?.(() => {
      if (this.#hostAsked && !this.#closed) this.#configureSoon();
    });
  }

  get state(): EngineState {
    return this.#state;
  }

  /** What keeps the host from being what the state says. */
  get problems(): readonly Problem[] {
    const lost = this.tunnel.problem ?? this.host.problem;
    return [lost, this.#hostProblem].filter((problem) => problem !== undefined);
  }

  /** What is asked of the host beside what the netmap says is another one from now on. */
  choose(change: Partial<HostChoices>): void {
    const before = this.#choices;
    this.#choices = { ...before, ...change };
    const { sourceNat, lan, mark } = this.#choices;
    if (sourceNat !== before.sourceNat || lan !== before.lan || mark !== before.mark) this.#configureSoon();
  }

  /** Of what is sent to peers (SO_MARK). */
  get mark(): number {
    return this.#choices.mark;
  }

  /**
   * Carries out the plan. Packets are judged by the outcome when this returns; the host's routes and addresses follow.
   * An operation that fails leaves the others be, and is part of the next plan again.
   * @returns the first failure
   */
  apply(desired: EngineState): Problem | undefined {
    const operations = plan(this.#state, desired);
    const problems = this.tunnel.path.together(operations.map((operation) => () => this.#perform(operation)));
    let failure = problems.find((problem) => problem !== undefined);
    const done = operations.filter((_, index) => !problems[index]);
    this.#state = failure ? done.reduce(advance, this.#state) : desired;
    failure ??= this.#reapply();
    this.tunnel.settle();
    if (this.#hostBehind) this.#configureSoon();
    return failure;
  }

  /** Resolves when the host has done all that it was asked so far. */
  settled(): Promise<void> {
    return this.#hostWork;
  }

  /** The host is looked after no longer. Resolves when it has done all that it was asked so far. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#hostWork;
  }

  #perform(operation: Operation): void {
    if (isHostOperation(operation)) this.#hostBehind = true;
    else applyToTunnel(this.tunnel, this.byHand, operation);
  }

  #reapply(): Problem | undefined {
    try {
      this.byHand.reapply();
      return undefined;
    } catch (error) {
      return problemOf(error);
    }
  }

  #configureSoon(): void {
    this.#hostBehind = true;
    this.#hostWork = this.#hostWork.then(() => this.#configureHost());
  }

  /** Goes straight to the newest state, whatever was asked for in between. */
  async #configureHost(): Promise<void> {
    if (!this.#hostBehind) return;
    this.#hostBehind = false;
    this.#hostAsked = true;
    try {
      const routes = [...new Set([...this.#state.routes, ...this.byHand.routes])];
      await this.host.configure({ ...this.#state, ...this.#choices, routes });
      this.#hostProblem = undefined;
    } catch (error) {
      this.#hostProblem = problemOf(error);
      this.#hostBehind = true; // the next change tries again
    }
  }
}
