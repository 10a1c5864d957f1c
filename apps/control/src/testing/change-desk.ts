import type { ManualClock } from './manual-clock.js';
import { TestAgent } from './test-agent.js';
import { type Answer, TestControl } from './test-control.js';

const RULES = [{ commands: ['ApproveRoute', 'PublishAcl'], approvals: 1, role: 'network-admin' }];

export const OPEN = `{
  // who may reach what
  "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}],
}
`;

export const codeOf = ({ body }: Answer): unknown => (body as { code?: string }).code;

/** Somebody with a token of their own. */
export interface Clerk {
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

export interface Proposed {
  readonly changeId: string;
  readonly revision: number;
}

/** A control plane with people who propose and review, and a router whose routes wait for approval. */
export class ChangeDesk {
  private constructor(
    readonly control: TestControl,
    readonly owner: Clerk,
    readonly nora: Clerk,
    readonly ned: Clerk,
    readonly adam: Clerk,
    private readonly router: TestAgent,
  ) {}

  static async open(clock: ManualClock): Promise<ChangeDesk> {
    const control = await TestControl.start({ clock });
    const owner = clerk(control, control.token);
    const hire = async (name: string, role: string): Promise<Clerk> => {
      const login = `${name}@example.com`;
      await owner.call('POST', 'users', { login, role });
      const { body } = await owner.call('POST', 'api-tokens', { role, user: login, description: name });
      return clerk(control, (body as { token: string }).token);
    };
    const nora = await hire('nora', 'network-admin');
    const ned = await hire('ned', 'network-admin');
    const adam = await hire('adam', 'admin');
    const laptop = new TestAgent(control.grpcAddress, 'laptop');
    const router = new TestAgent(control.grpcAddress, 'router');
    for (const agent of [laptop, router]) await agent.register(await control.authKey());
    await laptop.close();
    const desk = new ChangeDesk(control, owner, nora, ned, adam, router);
    await desk.offer('10.0.0.0/8', '10.1.0.0/16');
    return desk;
  }

  async close(): Promise<void> {
    await this.router.close();
    await this.control.stop();
  }

  /** All that the router offers from now on. */
  async offer(...prefixes: string[]): Promise<void> {
    await this.router.command({ kind: 'advertise-routes', prefixes });
  }

  async propose(more: Record<string, unknown> = {}, by: Clerk = this.nora): Promise<Proposed> {
    const { body } = await by.call('POST', 'changes', {
      title: 'reach the office',
      commands: [approveRoute('10.0.0.0/8')],
      ...more,
    });
    return body as Proposed;
  }

  async show(changeId: string): Promise<Shown> {
    return (await this.owner.call('GET', `changes/${changeId}`)).body as Shown;
  }

  /** Approves what the change would do at this moment. */
  async approve(changeId: string, by: Clerk): Promise<Answer> {
    const { impact } = await this.show(changeId);
    return by.call('POST', `changes/${changeId}/approve`, { impactDigest: impact?.digest ?? '' });
  }

  /** The routes of the router that are approved. */
  async routes(): Promise<readonly string[]> {
    const { body } = await this.owner.call('GET', 'routes');
    const all = (body as { routes: readonly { prefix: string; approved: boolean }[] }).routes;
    return all.filter(({ approved }) => approved).map(({ prefix }) => prefix);
  }

  /** Resolves when the change has come so far. */
  async until(changeId: string, stage: string): Promise<Shown> {
    for (;;) {
      const shown = await this.show(changeId);
      if (shown.change.stage === stage) return shown;
    }
  }

  /** A change as the list has it. */
  async listed(changeId: string): Promise<unknown> {
    const { body } = await this.owner.call('GET', 'changes?stage=all');
    return (body as { changes: readonly { id: string }[] }).changes.find(({ id }) => id === changeId);
  }

  async setRules(rules: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.owner.call('PUT', 'review-rules', { rules }, headers);
  }

  /** As at the beginning: no route is approved, everything is allowed, and routes and policies need one approval. */
  async tidy(): Promise<void> {
    await this.setRules([], { 'netfold-emergency': 'a test begins' });
    for (const prefix of await this.routes()) await this.owner.call('POST', 'nodes/router/routes/revoke', { prefix });
    await this.owner.call('PUT', 'policy', OPEN, { 'if-match': '*' });
    const { body } = await this.adam.call('GET', 'overrides');
    for (const { id } of (body as { overrides: readonly { id: string }[] }).overrides) {
      await this.adam.call('POST', `overrides/${id}/acknowledge`);
    }
    await this.setRules(RULES);
  }

  async events(after: number): Promise<readonly string[]> {
    const { body } = await this.owner.call('GET', `events?after=${after}`);
    return (body as { events: readonly { type: string }[] }).events.map(({ type }) => type);
  }
}

export interface Shown {
  readonly revision: number;
  readonly change: {
    readonly stage: string;
    readonly ready: boolean;
    readonly approvals: readonly { readonly by: { readonly name: string } }[];
    readonly requirements: readonly { readonly missing: number }[];
    readonly commands: readonly { readonly text: string }[];
    readonly scheduledFor: number | null;
    readonly until: number | null;
    readonly applied: { readonly first: number; readonly last: number } | null;
    readonly end: { readonly why: string } | null;
  };
  readonly impact: { readonly digest: string; readonly changes: readonly { readonly what: string }[] } | null;
  readonly problem: { readonly code: string } | null;
  readonly sinceApproved: { readonly added: readonly string[]; readonly gone: readonly string[] } | null;
}

export const approveRoute = (prefix: string) => ({ type: 'ApproveRoute', data: { nodeId: 'router', prefix } });

const clerk = (control: TestControl, token: string): Clerk => ({
  call: (method, path, body, headers = {}) =>
    control.call(method, path, body, { authorization: `Bearer ${token}`, ...headers }),
});
