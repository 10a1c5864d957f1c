import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import { dirname } from 'node:path';

/** What the owner alone may use. */
const OWNER_ONLY = 0o177;

/**
 * Listens on a unix socket that only its owner may connect to, in place of one that a killed process left behind. The
 * socket goes when the server is closed.
 * @param folderMode of the folder, when it is not there yet
 * @returns false, and nothing is changed, when another process answers there
 * @throws Error of the system
 */
export async function listenAt(server: Server, path: string, folderMode: number): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: folderMode });
  if (await somebodyAnswers(path)) return false;
  await rm(path, { force: true });
  // The socket is made within this call: at no time may others connect.
  const before = process.umask(OWNER_ONLY);
  server.listen(path);
  process.umask(before);
  await once(server, 'listening');
  return true;
}

/** Whether a process listens on a unix socket. */
export async function somebodyAnswers(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
