// Runs one of the project's programs on the pinned Node from any Node ≥ 18, on a clone where nothing is
// installed or built yet:  node infra/launch/launch.cjs PROGRAM [ARGUMENT …]
// Plain CommonJS without dependencies, because it runs before there are any.
'use strict';
const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const at = (...parts) => path.join(root, ...parts);
const note = (text) => process.stderr.write(`netfold: ${text}\n`);

function fail(text, hint) {
  note(`${text}\n         ${hint}`);
  process.exit(1);
}

const modified = (file) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** The newest change below a folder, in milliseconds since the epoch. */
function newest(folder) {
  let latest = 0;
  for (const entry of fs.readdirSync(folder, { withFileTypes: true })) {
    const file = path.join(folder, entry.name);
    latest = Math.max(latest, entry.isDirectory() ? newest(file) : modified(file));
  }
  return latest;
}

/** Lets one process install or build while others that started beside it wait for its result. */
function exclusively(work) {
  const lock = at('.launch.lock');
  for (;;) {
    try {
      fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') return work(); // a read-only folder: nothing can be written, so nothing can race
      if (!alive(Number(fs.readFileSync(lock, 'utf8') || process.pid))) fs.rmSync(lock, { force: true });
      else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
    }
  }
  try {
    return work();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

function alive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const npm = (...words) =>
  spawnSync('npm', [...words, '--no-fund', '--no-audit', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2] });

// npm leaves this file behind as the record of what it installed.
const installed = () => modified(at('node_modules/.netfold')) >= modified(at('package-lock.json'));

function install() {
  if (installed()) return;
  note('installing dependencies (once, up to a minute) …');
  // A lock that was written on another platform may miss optional packages of this one: npm ci then refuses.
  if (npm('ci').status !== 0 && npm('install', '--no-save').status !== 0) {
    fail(
      'npm could not install the dependencies.',
      'Read its message above; mend it, then run the same command again.',
    );
  }
  fs.writeFileSync(at('node_modules/.netfold'), '');
}

/** npm may have put it beside this package instead of into it. */
function installedNode(name) {
  const folders = require.resolve.paths(name) ?? [];
  return folders.map((folder) => path.join(folder, name, 'bin/node')).find((file) => fs.existsSync(file));
}

function pinnedNode() {
  const pinned = installedNode(`node-${process.platform}-${process.arch}`);
  if (pinned) return pinned;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  return fail(
    `there is no Node 24 here for ${process.platform}-${process.arch}.`,
    'Install Node 24 or newer and run the same command with it.',
  );
}

function build(node) {
  const stamp = at('dist/.built');
  if (!fs.existsSync(at('nest-cli.json')) || !fs.existsSync(at('libs'))) return; // an installed package comes built
  const sources = Math.max(
    newest(at('libs')),
    newest(at('apps')),
    newest(at('test')), // benchmarks and labs run from there
    modified(at('.swcrc')),
    modified(at('nest-cli.json')),
  );
  if (modified(stamp) > sources) return;
  const started = Date.now();
  const built = spawnSync(node, [at('node_modules/@nestjs/cli/bin/nest.js'), 'build', '--all'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (built.status !== 0) fail(`the build failed.\n${built.stdout}${built.stderr}`, 'Mend the sources that it names.');
  fs.writeFileSync(stamp, '');
  fs.utimesSync(stamp, new Date(started), new Date(started)); // what changes during the build counts as newer
}

const node = (() => {
  const ready = () => {
    if (fs.existsSync(at('package-lock.json'))) install();
    const found = pinnedNode();
    build(found);
    return found;
  };
  return fs.existsSync(at('package-lock.json')) ? exclusively(ready) : pinnedNode();
})();

const [program, ...words] = process.argv.slice(2);
if (!program) fail('no program named.', 'Use: node infra/launch/launch.cjs PROGRAM [ARGUMENT …]');
// Of SQLite in Node; and of kafkajs, which asks for a pause of less than nothing.
const QUIET = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning'];
const child = spawn(node, ['--enable-source-maps', ...QUIET, at(program), ...words], {
  stdio: 'inherit',
});
// The terminal sends Ctrl-C to the whole group; a supervisor signals only this process.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => {
  if (signal) process.kill(process.pid, signal === 'SIGINT' ? 'SIGTERM' : signal);
  else process.exit(code ?? 1);
});
