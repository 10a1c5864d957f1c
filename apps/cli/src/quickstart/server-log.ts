import { type Logger, pino } from 'pino';
import { createLogger } from '../../../control/src/index.js';

/** The server's log in a file: the terminal belongs to the narration. */
export const serverLog = (file: string): Logger =>
  createLogger('info', pino.destination({ dest: file, mkdir: true, sync: true }));
