import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { audit } from './crash/audit.js';
import { ControlProcess } from './crash/control-process.js';
import { runAndCrash } from './crash/crash-run.js';

test.each([2, 3])('acknowledged commands survive 18 kills, seed %i', async (seed) => {
  const control = new ControlProcess(mkdtempSync(join(tmpdir(), 'netfold-crash-')));
  try {
    const run = await runAndCrash(control, { seed, kills: 18, admins: 16 });
    const findings = await audit(control.stateDir, run);
    expect(findings.answered).toBeGreaterThan(100);
    expect(findings.foundDone).toBeGreaterThan(0);
    expect(findings.doneUnanswered).toBeGreaterThan(0);
    expect(findings.undone).toBeGreaterThan(0);
    expect(findings.answeredLate).toBeGreaterThan(0);
    expect(findings.large).toBeGreaterThan(0);
    for (const secret of run.secrets) expect(control.log).not.toContain(secret);
  } finally {
    await control.kill();
    rmSync(control.stateDir, { recursive: true });
  }
});
