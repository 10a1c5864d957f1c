import type { Crypto } from '#crypto';
import { toBase64 } from '#kernel';
import { Dice, Scheduler, SimulatedInternet } from '#sim';
import type { TailnetCommand } from '#tailnet';
import { Flows } from './flows.js';
import { LOGINS, prefixesOf, randomPolicy } from './random-policy.js';
import { Referee } from './referee.js';
import { joinKeys, SimAgent } from './sim-agent.js';
import { ControlRoute } from './sim-client.js';
import { SimControl } from './sim-control.js';

export const userIdOf = (login: string): string => `user_${login.split('@')[0]}`;

/** A tailnet of simulated machines, from its creation. Everything in it follows from the seed. */
export class World {
  readonly dice: Dice;
  readonly scheduler = new Scheduler();
  readonly internet: SimulatedInternet;
  readonly control: SimControl;
  readonly flows = new Flows();
  readonly referee: Referee;
  /** Those that are members of the tailnet, as far as their people know. */
  readonly agents: SimAgent[] = [];
  /** Failures of work that nobody waited for. */
  readonly failures: unknown[] = [];
  /** What becomes of each agent as it starts: where tests plant faults. */
  prepare: (agent: SimAgent) => void = () => {};
  #joined = 0;

  constructor(
    seed: number,
    readonly crypto: Crypto,
  ) {
    this.dice = new Dice(seed);
    this.internet = new SimulatedInternet(this.scheduler, this.dice.fork());
    this.control = new SimControl(this.scheduler, this.dice.fork());
    this.referee = new Referee(this.control, this.flows);
    const ulaBytes = toBase64(this.dice.bytes(5));
    this.must({ type: 'CreateTailnet', data: { tailnetId: 'sim', name: 'Sim', dnsSuffix: 'sim.internal', ulaBytes } });
    for (const [i, login] of LOGINS.entries()) {
      const role = i === 0 ? 'owner' : 'member';
      this.must({ type: 'AddUser', data: { userId: userIdOf(login), login, displayName: '', role } });
    }
    this.must({ type: 'PublishAcl', data: { text: randomPolicy(this.dice) } });
  }

  /** Carries out a command that must not be refused. */
  must(command: TailnetCommand): void {
    const result = this.control.execute(command);
    if (!result.ok) throw new Error(`${command.type}: ${result.error.code}: ${result.error.message}`);
  }

  /** Does work on the side; a failure of it is noted. */
  meanwhile(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.failures.push(error));
  }

  /** Makes a machine, joins it and starts its agent, all of which takes its time. */
  join(): void {
    const n = this.#joined++;
    const route = new ControlRoute(this.scheduler, this.control);
    const agent = new SimAgent(`node_${n}`, `192.0.2.${n + 1}`, {
      scheduler: this.scheduler,
      internet: this.internet,
      crypto: this.crypto,
      route,
      dice: this.dice.fork(),
      delivered: (by, packet) => this.referee.delivered(by, packet),
    });
    const userId = userIdOf(this.dice.pick(LOGINS));
    this.meanwhile(
      (async () => {
        const keys = joinKeys(await agent.keys());
        const identity = { nodeId: agent.nodeId, hostname: agent.nodeId, os: 'linux', ...keys };
        const wish = { proof: { userId }, requestedTags: [], ephemeral: false };
        const result = this.control.execute({ type: 'JoinNode', data: { ...identity, ...wish } });
        if (!result.ok) return; // the user is suspended, say
        this.control.executeFor(agent.nodeId, { kind: 'advertise-routes', prefixes: prefixesOf(n) }, `routes ${n}`);
        this.agents.push(agent);
        await this.start(agent);
      })(),
    );
  }

  async start(agent: SimAgent): Promise<void> {
    await agent.start();
    this.prepare(agent);
  }

  /** The members whose agents run. */
  get running(): SimAgent[] {
    return this.agents.filter(({ nodeId, node }) => node && this.control.state.nodes.has(nodeId));
  }

  close(): void {
    for (const agent of this.agents) agent.crash();
  }
}
