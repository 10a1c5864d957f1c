import type { ProposedCommand } from '#tailnet';

/** The policy text that a change would publish; empty when it publishes none. */
export const policyIn = (commands: readonly ProposedCommand[]): string =>
  commands.flatMap((command) => (command.type === 'PublishAcl' ? [String(command.data.text)] : [])).at(0) ?? '';
