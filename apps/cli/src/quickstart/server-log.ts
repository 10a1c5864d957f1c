import { type Logger, pino } from 'pino';

/** The server's log in a file: the terminal belongs to the narration. */
export const serverLog = (file: string): Logger =>
  pino({ level: 'info' }, pino.destination({ dest: file, mkdir: true, sync: true }));
