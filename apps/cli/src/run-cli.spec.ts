import { describe, expect, it } from '@jest/globals';
import { netfold } from './testing/fake-io.js';

describe('every command', () => {
  it('has a help that begins with how to use it', async () => {
    const { stdout } = await netfold(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z-]+) .* {2}\S/gm)]
      .map(([, name]) => name ?? '')
      .filter((name) => name !== 'help');
    expect(names).toEqual(
      expect.arrayContaining(['up', 'status', 'ping', 'set-acl', 'node', 'agent', 'server', 'quickstart']),
    );
    for (const name of names) {
      const { code, stdout: help } = await netfold([name, '--help']);
      expect({ code, usage: help.startsWith(`Usage: netfold ${name}`) }).toEqual({ code: 0, usage: true });
    }
  });

  it('that does not exist is an error with a suggestion', async () => {
    const { code, stderr } = await netfold(['statsu']);
    expect(code).toBe(1);
    expect(stderr).toContain("netfold: unknown command 'statsu'\n(Did you mean status?)");
  });
});
