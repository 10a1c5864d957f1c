import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Running } from '../../netns/lab/host.js';

let ticksPerSecond = 0;

/** Processor time that programs have taken so far with all their threads, seconds (proc(5), "stat": utime and stime). */
export function cpuSeconds(programs: readonly Running[]): number {
  ticksPerSecond ||= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return programs.reduce((sum, { process: { pid } }) => sum + ticksOf(pid ?? 0), 0) / ticksPerSecond;
}

/** Resident memory of programs, MiB (proc(5), "status": VmRSS). */
export const residentMiB = (programs: readonly Running[]): number =>
  programs.reduce((sum, { process: { pid } }) => sum + residentKiB(pid ?? 0), 0) / 1024;

// The process of `ip netns exec` has become the program.
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

const residentKiB = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
