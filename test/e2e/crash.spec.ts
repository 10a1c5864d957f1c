import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { audit } from './crash/audit.js';
import { ControlProcess } from './crash/control-process.js';
import { runAndCrash } from './crash/crash-run.js';

let control: ControlProcess;

beforeEach(() => {
  control = new ControlProcess(mkdtempSync(join(tmpdir(), 'netfold-crash-')));
});
afterEach(async () => {
  await control.kill();
  rmSync(control.stateDir, { recursive: true });
});

test('every acknowledged command survives kill -9 exactly once, and no command is done by halves', async () => {
  const run = await runAndCrash(control, { seed: 1, kills: 3, admins: 8 });
  const findings = await audit(control.stateDir, run);
  for (const secret of run.secrets) expect(control.log).not.toContain(secret);
  expect(findings.answered).toBeGreaterThan(15);
  expect(findings.answeredLate).toBeGreaterThan(0);
  expect(findings.foundDone + findings.doneUnanswered).toBeGreaterThan(0);
  expect(findings.undone).toBeGreaterThan(0);
  expect(findings.large).toBeGreaterThan(0);
}, 60_000);
