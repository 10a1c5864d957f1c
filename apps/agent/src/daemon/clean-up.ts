import { readFile } from 'node:fs/promises';
import { findSystemResolver, hasIpv6, type RunCommand, removeLeftovers, runCommand, StateDirectory } from '#host';
import { NetfoldError } from '#kernel';
import { somebodyAnswers } from '../listen-at.js';
import { JsonFile } from '../state/json-file.js';
import { DEFAULT_PREFERENCES, Preferences } from '../state/preferences.js';

export interface CleanUpOptions {
  /** Of the agent that was killed. */
  readonly stateDir: string;
  /** Where it listened. */
  readonly socket: string;
  /** Of the resolver. */
  readonly file?: string;
  readonly run?: RunCommand;
}

/**
 * Takes back what an agent has changed about this machine that was killed, and will not be started again: what an exit
 * node holds back, rules, source NAT, and how names are found. Keys and settings stay.
 * @returns what was there, as people may read it
 * @throws NetfoldError `agent.already_running`, `host.…`
 */
export async function cleanUp({
  stateDir,
  socket,
  file = '/etc/resolv.conf',
  run = runCommand,
}: CleanUpOptions): Promise<readonly string[]> {
  if (await somebodyAnswers(socket)) throw running(socket);
  const directory = await StateDirectory.open(stateDir);
  const { value } = await JsonFile.open(directory, 'preferences.json', Preferences, DEFAULT_PREFERENCES);
  const { tun: interfaceName } = value;
  const removed = await removeLeftovers(interfaceName, { ipv6: await hasIpv6(), run });
  const before = await textOf(file);
  const resolver = await findSystemResolver({ interfaceName, state: directory, file, run });
  try {
    await resolver.restore();
  } catch (error) {
    // What belongs to an interface went with it.
    if (!(error instanceof NetfoldError) || error.code !== 'host.command_failed') throw error;
  }
  return (await textOf(file)) === before ? removed : [...removed, `${file}, which is as it was before`];
}

const textOf = (file: string): Promise<string> => readFile(file, 'utf8').catch(() => '');

const running = (socket: string): NetfoldError =>
  new NetfoldError({
    code: 'agent.already_running',
    message: 'an agent is running, which takes everything back itself',
    where: socket,
    hint: 'netfold down, or stop the agent',
  });
