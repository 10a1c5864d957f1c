import { canonicalPrefix, familyOf } from './canonical-prefix.js';
import { type RunCommand, runCommand } from './run-command.js';

// A bit of the packet mark that few use: Kubernetes has 0x4000 and 0x8000, others the low bytes.
const FORWARDED = 0x10000000;

const meta = (key: string) => ({ meta: { key } });
const match = (op: '==' | '!=' | 'in', left: unknown, right: unknown) => ({ match: { op, left, right } });

function isFor(text: string): unknown {
  const [addr, bits] = canonicalPrefix(text).split('/');
  const protocol = familyOf(text) === 4 ? 'ip' : 'ip6';
  return match('==', { payload: { protocol, field: 'daddr' } }, { prefix: { addr, len: Number(bits) } });
}

/**
 * For subnet routers and exit nodes: what comes out of the interface and goes on elsewhere takes this host's address,
 * so that hosts behind it need no route back. In a table of its own name, which nobody else touches.
 */
export class SourceNat {
  readonly #table: { readonly family: 'inet'; readonly name: string };
  readonly #run: RunCommand;

  /** @param interfaceName also names the table */
  constructor(
    readonly interfaceName: string,
    { run = runCommand }: { readonly run?: RunCommand } = {},
  ) {
    this.#table = { family: 'inet', name: interfaceName };
    this.#run = run;
  }

  /**
   * Replaces the table, in one step.
   * @param untouched prefixes whose hosts see who really sends, and so need a route back
   * @throws NetfoldError `host.no_nft_tool`, `host.need_root`, `host.command_failed`
   */
  async enable(untouched: readonly string[] = []): Promise<void> {
    const chain = (name: string, type: string, hook: string, priority: number) => ({
      add: { chain: { ...this.#named(), name, type, hook, prio: priority, policy: 'accept' } },
    });
    const rule = (name: string, ...expr: unknown[]) => ({ add: { rule: { ...this.#named(), chain: name, expr } } });
    await this.#apply([
      ...this.#emptied(),
      { add: { table: this.#table } },
      chain('forward', 'filter', 'forward', -150),
      chain('postrouting', 'nat', 'postrouting', 100),
      // Where packets leave, nftables no longer knows where they came in: a mark tells.
      rule(
        'forward',
        match('==', meta('iifname'), this.interfaceName),
        match('!=', meta('oifname'), this.interfaceName),
        { mangle: { key: meta('mark'), value: { '|': [meta('mark'), FORWARDED] } } },
      ),
      // Connections from behind learn the smaller MTU of the tunnel, also where ICMP does not get through (RFC 4459).
      rule(
        'forward',
        match('==', meta('oifname'), this.interfaceName),
        match('in', { payload: { protocol: 'tcp', field: 'flags' } }, 'syn'),
        {
          mangle: {
            key: { 'tcp option': { name: 'maxseg', field: 'size' } },
            value: { rt: { key: 'mtu' } },
          },
        },
      ),
      ...untouched.map((prefix) => rule('postrouting', isFor(prefix), { accept: null })),
      rule('postrouting', match('==', { '&': [meta('mark'), FORWARDED] }, FORWARDED), { masquerade: null }),
    ]);
  }

  /** Takes the table away; one that is not there is gone already. */
  async disable(): Promise<void> {
    await this.#apply(this.#emptied());
  }

  // Adding before deleting makes it succeed whether the table is there or not.
  #emptied(): readonly unknown[] {
    return [{ add: { table: this.#table } }, { delete: { table: this.#table } }];
  }

  #named(): { readonly family: 'inet'; readonly table: string } {
    return { family: 'inet', table: this.#table.name };
  }

  async #apply(commands: readonly unknown[]): Promise<void> {
    // As an argument, since nft opens its standard input by path, which fails for the socket that Node gives it.
    await this.#run('nft', ['-j', JSON.stringify({ nftables: commands })]);
  }
}
