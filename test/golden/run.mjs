// npm run golden -- DIR: compares the policy library with captured answers of the reference.
// DIR holds a folder per category, and in it a JSON file per case.
import fs from 'node:fs';
import path from 'node:path';
import { differences } from './differences.mjs';

const SHOWN = 2_000;

const directory = process.argv[2];
if (!directory || !fs.existsSync(directory)) {
  process.stderr.write(`golden: ${directory ? `there is no folder ${directory}` : 'no folder of cases named'}.
        Use: npm run golden -- DIR, where DIR holds a folder per category with a JSON file per case.\n`);
  process.exit(2);
}

const show = (text) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

function runCategory(category) {
  const folder = path.join(directory, category);
  let passed = 0;
  const failures = [];
  for (const file of fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()) {
    const golden = JSON.parse(fs.readFileSync(path.join(folder, file), 'utf8'));
    const found = attempt(golden);
    if (found.length === 0) passed++;
    else failures.push({ id: golden.id, found });
  }
  console.log(`${category}: ${passed} passed, ${failures.length} failed`);
  for (const { id, found } of failures) {
    console.log(`  ${id}`);
    for (const { node, what, expected, got } of found) {
      console.log(
        `    ${node ? `${node}, ` : ''}${what}\n      expected ${show(expected)}\n      got      ${show(got)}`,
      );
    }
  }
  return { passed, failed: failures.length };
}

function attempt(golden) {
  try {
    return differences(golden);
  } catch (error) {
    return [{ node: '', what: 'crash', expected: 'an answer', got: error.stack ?? String(error) }];
  }
}

const categories = fs.readdirSync(directory).filter((name) => fs.statSync(path.join(directory, name)).isDirectory());
const results = categories.sort().map(runCategory);
const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
console.log(`${total('passed')} passed, ${total('failed')} failed`);
process.exit(total('failed') > 0 || total('passed') === 0 ? 1 : 0);
