import { readFile } from 'node:fs/promises';
import type { RunCommand } from '../interface/run-command.js';
import { nameserversOf } from './resolv-conf.js';
import type { ResolverSettings, SystemResolver } from './system-resolver.js';

/** Where systemd-resolved lists the nameservers that it asks itself. */
export const RESOLVED_UPSTREAMS = '/run/systemd/resolve/resolv.conf';

/** A host with systemd-resolved: our settings belong to our interface, and go with it, also when we crash. */
export class SystemdResolved implements SystemResolver {
  readonly kind = 'systemd-resolved';

  constructor(
    private readonly interfaceName: string,
    private readonly run: RunCommand,
    private readonly upstreamFile = RESOLVED_UPSTREAMS,
  ) {}

  async upstreams(): Promise<readonly string[]> {
    return nameserversOf(await readFile(this.upstreamFile, 'utf8'));
  }

  async apply({ nameserver, searchDomains, domains }: ResolverSettings): Promise<void> {
    // A domain behind a tilde says whom to ask, and is not tried behind names without dots (resolvectl(1)).
    const routed = (domains ?? ['.']).filter((domain) => !searchDomains.includes(domain)).map((domain) => `~${domain}`);
    await this.run('resolvectl', ['dns', this.interfaceName, nameserver]);
    await this.run('resolvectl', ['domain', this.interfaceName, ...searchDomains, ...routed]);
    await this.run('resolvectl', ['default-route', this.interfaceName, domains ? 'no' : 'yes']);
  }

  async restore(): Promise<void> {
    await this.run('resolvectl', ['revert', this.interfaceName]);
  }
}
