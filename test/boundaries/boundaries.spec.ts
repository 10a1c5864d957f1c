import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { cruise, type ICruiseOptions, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';

const config: { forbidden: IForbiddenRuleType[]; options: ICruiseOptions } = createRequire(import.meta.url)(
  `${process.cwd()}/.dependency-cruiser.cjs`,
);
const fixtures = 'test/boundaries/fixtures';

/** Fixture → the names of the rules that its files break. */
async function rulesBrokenIn(folder: string): Promise<Map<string, Set<string>>> {
  const options = { ...config.options, exclude: undefined, ruleSet: { forbidden: config.forbidden }, validate: true };
  const { output } = await cruise([folder], options as ICruiseOptions, { tsConfig: undefined } as never);
  const broken = new Map(readdirSync(folder).map((fixture) => [fixture, new Set<string>()]));
  for (const { from, rule } of (output as ICruiseResult).summary.violations) {
    broken.get(from.slice(folder.length + 1).split('/')[0] ?? '')?.add(rule.name);
  }
  return broken;
}

describe('every boundary rule', () => {
  let broken: Map<string, Set<string>>;
  beforeAll(async () => {
    broken = await rulesBrokenIn(fixtures);
  });

  test.each(config.forbidden.map((rule) => [rule.name ?? '', rule.comment ?? '']))('%s bites', (name, reason) => {
    expect(reason.length).toBeGreaterThan(20);
    expect(broken.get(name)).toContain(name);
  });

  test('no fixture outlives its rule', () => {
    expect([...broken.keys()].sort()).toEqual(config.forbidden.map(({ name }) => name ?? '').sort());
  });
});
