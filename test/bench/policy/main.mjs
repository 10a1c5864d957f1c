// npm run bench:policy [-- --json]: what a policy of 1,000 rules costs on 10,000 nodes, from scratch and per change.
import v8 from 'node:v8';
import vm from 'node:vm';
import { compilePolicy, parsePolicy } from '#policy';
import { LabelledTailnet } from './labelled-tailnet.mjs';
import { directory, memberToAdd, otherTag, policyText, ruleToChange, SIZES, subjectAt } from './network.mjs';

const MIN_ROUNDS = 15;
const MAX_ROUNDS = 1_000;
const SPENT_MS = 1_000;

/** The median milliseconds of some work, of more rounds where they are short; `prepare` is not measured. */
function measure(work, prepare = () => undefined) {
  const times = [];
  for (let spent = 0; times.length < MIN_ROUNDS || (spent < SPENT_MS && times.length < MAX_ROUNDS); ) {
    const prepared = prepare();
    const start = performance.now();
    work(prepared);
    const time = performance.now() - start;
    times.push(time);
    spent += time;
  }
  return times.sort((a, b) => a - b)[times.length >> 1];
}

v8.setFlagsFromString('--expose-gc');
const collectGarbage = vm.runInNewContext('gc');

function heapOf() {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

function fromScratch(text, subjects) {
  const tailnet = new LabelledTailnet(compilePolicy(parsePolicy(text).policy), directory);
  for (const subject of subjects) tailnet.put(subject);
  return tailnet;
}

/** What a new version means for the nodes: the rules that it has and the old one had not, and the nodes to label anew. */
function takeEffect(tailnet, policy, subjects) {
  const before = tailnet.compiled;
  tailnet.compiled = compilePolicy(policy, before);
  for (const subject of subjects) tailnet.put(subject);
  return [...tailnet.compiled.byId.keys()].filter((id) => !before.byId.has(id));
}

const subjects = Array.from({ length: SIZES.nodes }, (_, n) => subjectAt(n));
const text = policyText();
const { policy } = parsePolicy(text);
const start = heapOf();
const tailnet = fromScratch(text, subjects);
const bytes = heapOf() - start;
const compiled = tailnet.compiled;
const devices = subjects.filter(({ user }) => user === memberToAdd.user);
const withMember = parsePolicy(policyText({ members: { [memberToAdd.group]: [memberToAdd.user] } })).policy;
const withRule = parsePolicy(policyText({ rules: { [ruleToChange.index]: ruleToChange.rule } })).policy;
const tagged = subjects[1001];
const reset = () => {
  tailnet.compiled = compiled;
};

const figures = {
  'from scratch': measure(() => fromScratch(text, subjects)),
  '  reading the file': measure(() => parsePolicy(text)),
  '  compiling it': measure(() => compilePolicy(policy)),
  'a node joins': measure((subject) => tailnet.put(subject), newcomer(0)),
  'a tag changes': measure((subject) => tailnet.put(subject), newTag()),
  'a group gains a member': measure(() => takeEffect(tailnet, withMember, devices), reset),
  'a rule changes': measure(() => takeEffect(tailnet, withRule, []), reset),
};

function newcomer(joined) {
  return () => subjectAt(SIZES.nodes + 2 * ++joined);
}

function newTag(changed = 0) {
  return () => ({ ...tagged, tags: [otherTag(++changed)] });
}

const share = (milliseconds) => milliseconds / figures['from scratch'];

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ sizes: SIZES, rules: compiled.rules.length, bytes, milliseconds: figures }));
} else {
  console.log(
    `${Object.entries(SIZES)
      .map(([name, count]) => `${count} ${name}`)
      .join(', ')}; ${compiled.rules.length} compiled rules`,
  );
  console.log(
    `${(bytes / 2 ** 20).toFixed(1)} MiB: ${Math.round(bytes / (SIZES.nodes + SIZES.rules))} bytes per node or rule\n`,
  );
  for (const [what, milliseconds] of Object.entries(figures)) {
    const line = `${what.padEnd(26)} ${milliseconds.toFixed(3).padStart(10)} ms ${(100 * share(milliseconds)).toFixed(2).padStart(8)} %`;
    console.log(line);
  }
}
