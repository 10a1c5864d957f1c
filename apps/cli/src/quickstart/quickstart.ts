import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { saveCredentials } from '../admin/credentials.js';
import { CommandFailed } from '../command-failed.js';
import { type Io, print, printJson } from '../output/io.js';
import { painter } from '../output/style.js';
import { narrator, silence } from './narrator.js';
import { play, SCENARIO, type StepOutcome } from './scenario.js';
import { type StandingStage, setStage } from './set-stage.js';
import { ALICE } from './stage.js';

export interface QuickstartOptions {
  /** End after the scenario. */
  readonly once?: boolean;
  /** Print one JSON object instead of the narration. */
  readonly json?: boolean;
}

/**
 * Plays the whole of netfold on this machine, with a real control plane and real agents.
 * @throws CommandFailed when a step failed
 */
export async function quickstart(io: Io, { once: ending = false, json = false }: QuickstartOptions): Promise<void> {
  const started = performance.now();
  const stage = await setStage();
  const setupMs = Math.round(performance.now() - started);
  try {
    if (!json) introduce(io, stage, setupMs);
    const steps = await play(stage, json ? silence : narrator(io), io.interrupted);
    const ok = steps.length === SCENARIO.length && steps.every((step) => step.ok);
    if (json) printJson(io, { ok, setupMs, duration: Math.round(performance.now() - started), steps });
    else if (!io.interrupted.aborted) conclude(io, steps, performance.now() - started);
    if (!ending && ok && !json) await stay(io, stage);
    if (!ok) throw new CommandFailed(io.interrupted.aborted ? 130 : 1);
  } finally {
    await stage.clear();
  }
}

function introduce(io: Io, { control, agents, folder }: StandingStage, setupMs: number): void {
  const paint = painter(io);
  const processes = Object.values(agents).map(({ name, process }) => `${name} (pid ${process.pid})`);
  print(io, `${paint('bold', 'netfold quickstart')}: everything that follows happens now, on this machine.`, '');
  print(io, `   control plane  ${control.httpUrl}, agents at ${control.grpcAddress}, ledger in SQLite`);
  print(io, `   agents         ${processes.join(', ')}, in userspace`, `   files          ${folder}`);
  print(io, `   ${paint('green', '✓')} ${paint('dim', `up in ${(setupMs / 1000).toFixed(1)} s`)}`);
}

function conclude(io: Io, steps: readonly StepOutcome[], elapsed: number): void {
  const failed = steps.find(({ ok }) => !ok);
  const seconds = (elapsed / 1000).toFixed(1);
  print(io, '', failed ? `The step “${failed.name}” failed after ${seconds} s.` : `All of it worked, in ${seconds} s.`);
}

/** Leaves the server running until Ctrl-C, and says what to do with it. */
async function stay(io: Io, { admin, control, folder }: StandingStage): Promise<void> {
  if (io.interrupted.aborted) return;
  const key = join(folder, 'key');
  const body = { reusable: true, user: ALICE, description: 'quickstart' };
  const issued = await admin.call<{ key: string }>('POST /auth-keys', { body });
  await writeFile(key, `${issued.key}\n`, { mode: 0o600 });
  saveCredentials(
    { ...io, env: { XDG_CONFIG_HOME: folder } },
    { server: control.httpUrl, token: control.adminToken ?? '' },
  );
  print(
    io,
    '',
    'The server and the three machines stay up. From another terminal, in this folder:',
    '',
    '   a machine of your own   npx netfold agent &          (as root it gets a network interface)',
    `                           npx netfold up --server ${control.httpUrl} --auth-key-file ${key}`,
    '                           npx netfold status; npx netfold ping dev-1',
    `   as its admin            export XDG_CONFIG_HOME=${folder}`,
    '                           npx netfold node list; npx netfold log -f',
    `   as one of the three     npx netfold status --socket ${join(folder, 'laptop', 'sock')}`,
    '',
    'Ctrl-C stops everything and removes its files.',
  );
  io.started();
  if (!io.interrupted.aborted) await once(io.interrupted, 'abort');
  print(io, '', 'Stopping …');
}
