import { answerTo, type Flow, type Flows } from './flows.js';
import type { SimAgent } from './sim-agent.js';
import type { SimControl } from './sim-control.js';
import { mayPass } from './slow-policy.js';

/** A packet that an agent let pass, and a revision that it has acknowledged and that denies it. */
export interface Violation {
  readonly at: number;
  readonly flow: Flow;
  readonly by: string;
  readonly revision: number;
  readonly why: string;
}

/** What has happened to packets. */
export interface Verdicts {
  passed: number;
  answers: number;
}

/** Sees every packet that an agent hands to its host, and judges it by the ledger alone. */
export class Referee {
  readonly violations: Violation[] = [];
  readonly verdicts: Verdicts = { passed: 0, answers: 0 };

  constructor(
    readonly control: SimControl,
    readonly flows: Flows,
  ) {}

  /** An agent let a packet pass; what is asked for is answered. */
  delivered(agent: SimAgent, packet: Uint8Array): void {
    const { flow, kind } = this.flows.seen(packet);
    if (kind === 'request') this.#request(agent, flow);
    else this.#answer(agent, flow);
  }

  /** Whether the sender's next packet of this flow may pass, by the newest revision. @returns the receiver, if so */
  receiverOf(flow: Flow): string | undefined {
    const { state } = this.control;
    return [...state.nodes.keys()].find((id) => id !== flow.from && mayPass(state, flow.from, id, flow));
  }

  #request(agent: SimAgent, flow: Flow): void {
    flow.arrived += 1;
    this.verdicts.passed += 1;
    const held = agent.node?.follower.held;
    if (!held?.epoch) this.#violation(agent, flow, -1, 'it has no netmap');
    else {
      // What it holds, and what the control plane believes it holds: both are what it has acknowledged.
      for (const revision of new Set([held.revision, Math.max(held.revision, this.control.appliedBy(agent.nodeId))])) {
        const state = this.control.states[revision];
        if (!state || !mayPass(state, flow.from, agent.nodeId, flow)) {
          this.#violation(agent, flow, revision, 'the policy denies it');
        }
      }
    }
    agent.send(answerTo(flow));
  }

  /** Whoever begins a flow may hear its answers, and nobody else. */
  #answer(agent: SimAgent, flow: Flow): void {
    flow.answered += 1;
    this.verdicts.answers += 1;
    if (agent.nodeId !== flow.from || flow.sent === 0) this.#violation(agent, flow, -1, 'it did not ask');
  }

  #violation(agent: SimAgent, flow: Flow, revision: number, why: string): void {
    this.violations.push({ at: this.control.scheduler.now, flow: { ...flow }, by: agent.nodeId, revision, why });
  }
}
