// The test suite's own KurrentDB in a process of its own; argument 1 is the file that it keeps its log in.
// By their files: the index of what is for tests brings jest along.
import type { AppendFault } from '../../../libs/event-store/src/testing/kurrent-server/faults.js';
import { KurrentLog } from '../../../libs/event-store/src/testing/kurrent-server/kurrent-log.js';
import { KurrentServer } from '../../../libs/event-store/src/testing/kurrent-server/kurrent-server.js';
import { LogFile } from '../../../libs/event-store/src/testing/kurrent-server/log-file.js';
import { serveParent } from './remote-process.js';

const log = new KurrentLog(new LogFile(process.argv[2] ?? ''));
const server = await KurrentServer.start({}, log);

const methods = {
  port: () => server.port,
  /** What it does with the next appends to ledgers, one after the other. */
  misbehave: (faults: readonly AppendFault[]) => {
    server.faults.appends.push(...faults);
  },
  stutter: (on: boolean) => {
    server.faults.stutters = on;
  },
  behave: () => {
    server.faults.appends = [];
  },
};

export type StoreMethods = typeof methods;

serveParent(methods);
