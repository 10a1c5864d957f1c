/** The names that a policy file defines, to which its rules may refer. */
export interface Scope {
  readonly groups: ReadonlySet<string>;
  readonly tags: ReadonlySet<string>;
  /** name → CIDR prefix */
  readonly hosts: ReadonlyMap<string, string>;
  readonly ipsets: ReadonlySet<string>;
  readonly postures: ReadonlySet<string>;
  /** The domains of the tailnet's own users; undefined when they are not known. */
  readonly domains: ReadonlySet<string> | undefined;
}
