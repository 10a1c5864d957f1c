import { type Problem, problemOf } from '#kernel';
import { advance, type EngineState, emptyEngineState, type Operation, plan } from '#plan';
import { applyToTunnel, type HostOperation, isHostOperation } from './apply-operation.js';
import type { HostPort } from './host-port.js';
import type { Tunnel } from './tunnel.js';

/** Brings the engine, the filter and the host to the state that is wanted, and knows which one they are in. */
export class EngineRuntime {
  #state: EngineState = emptyEngineState;
  #hostWork: Promise<void> = Promise.resolve();
  /** What the host refused, by what it was asked. */
  readonly #refusals = new Map<string, Problem>();

  constructor(
    readonly tunnel: Tunnel,
    readonly host: HostPort,
  ) {}

  get state(): EngineState {
    return this.#state;
  }

  /** What is wrong with the host, and what it refused and was not asked again. */
  get problems(): readonly Problem[] {
    const { problem } = this.host;
    return [...(problem ? [problem] : []), ...this.#refusals.values()];
  }

  /**
   * Carries out the plan. Packets are judged by the outcome when this returns; the host's routes and addresses follow.
   * An operation that fails leaves the others be, and is part of the next plan again.
   * @returns the first failure
   */
  apply(desired: EngineState): Problem | undefined {
    const done: Operation[] = [];
    let failure: Problem | undefined;
    for (const operation of plan(this.#state, desired)) {
      try {
        if (isHostOperation(operation)) this.#enqueue(operation);
        else applyToTunnel(this.tunnel, operation);
        done.push(operation);
      } catch (error) {
        failure ??= problemOf(error);
      }
    }
    this.#state = failure ? done.reduce(advance, this.#state) : desired;
    this.tunnel.settle();
    return failure;
  }

  /** Resolves when the host has done all that it was asked so far. */
  settled(): Promise<void> {
    return this.#hostWork;
  }

  #enqueue(operation: HostOperation): void {
    const name = JSON.stringify(operation);
    this.#refusals.delete(name);
    this.#hostWork = this.#hostWork.then(async () => {
      try {
        await this.host.apply(operation);
      } catch (error) {
        this.#refusals.set(name, problemOf(error));
        this.#state = withoutAddition(this.#state, operation);
      }
    });
  }
}

/** The host does not have what it refused to add, so the next plan asks for it again. */
function withoutAddition(state: EngineState, operation: HostOperation): EngineState {
  if (operation.kind === 'add-route') return advance(state, { kind: 'remove-route', prefix: operation.prefix });
  if (operation.kind === 'add-address') return advance(state, { kind: 'remove-address', address: operation.address });
  return state;
}
