import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from '@jest/globals';
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';

const config: { forbidden: IForbiddenRuleType[]; options: ICruiseOptions } = createRequire(import.meta.url)(
  `${process.cwd()}/.dependency-cruiser.cjs`,
);
const fixtures = 'test/boundaries/fixtures';

/** The names of the rules that the files below a folder break. */
async function brokenRules(folder: string): Promise<Set<string>> {
  const options = { ...config.options, exclude: undefined, ruleSet: { forbidden: config.forbidden }, validate: true };
  const { output } = await cruise([folder], options as ICruiseOptions, { tsConfig: undefined } as never);
  return new Set((output as ICruiseResult).summary.violations.map(({ rule }) => rule.name));
}

describe('every boundary rule', () => {
  test.each(config.forbidden.map((rule) => [rule.name ?? '', rule.comment ?? '']))('%s bites', async (name, reason) => {
    expect(reason.length).toBeGreaterThan(20);
    expect(existsSync(`${fixtures}/${name}`)).toBe(true);
    expect(await brokenRules(`${fixtures}/${name}`)).toContain(name);
  });

  test('no fixture outlives its rule', () => {
    expect(readdirSync(fixtures).sort()).toEqual(config.forbidden.map(({ name }) => name ?? '').sort());
  });
});
