import { once } from 'node:events';
import { connect } from 'node:net';
import { problemOf } from '#kernel';
import { controlAddress, type ServerAnswer } from '../control-address.js';
import type { ControlReport } from '../local-api/netcheck-report.js';

const PATIENCE_MS = 5_000;
/** HTTP dates are whole seconds, cut off (RFC 9110, 5.6.7). */
const DATE_STEP_MS = 1_000;

export interface ControlProbe {
  /** See `askServer`. */
  ask(serverUrl: string): Promise<ServerAnswer>;
  /** Milliseconds since the Unix epoch. */
  wallClock(): number;
  /** Milliseconds of a clock that never goes back. */
  monotonic(): number;
}

/** Asks the server twice, since the first answer waits for the connection, and tries the port that agents connect to. */
export async function measureControl(
  probe: ControlProbe,
  serverUrl: string,
): Promise<Omit<ControlReport, 'Connected'>> {
  try {
    const first = await timed(probe, () => probe.ask(serverUrl));
    const second = await timed(probe, () => probe.ask(serverUrl));
    return {
      URL: serverUrl,
      Reachable: true,
      Version: first.answer.version,
      FirstAnswer: first.took,
      Latency: second.took,
      ...clockOffset(second),
      ...(await agentsPort(probe, second.answer.agentUrl)),
    };
  } catch (error) {
    return { URL: serverUrl, Reachable: false, Problem: problemOf(error).message };
  }
}

interface Timed<T> {
  readonly answer: T;
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly took: number;
}

async function timed<T>({ wallClock, monotonic }: ControlProbe, work: () => Promise<T>): Promise<Timed<T>> {
  const [sentAt, started] = [wallClock(), monotonic()];
  const answer = await work();
  return { answer, sentAt, receivedAt: wallClock(), took: monotonic() - started };
}

/** The server wrote its date at some moment between the question and the answer, and cut off the part of a second. */
function clockOffset({ answer, sentAt, receivedAt }: Timed<ServerAnswer>): Partial<ControlReport> {
  const date = Date.parse(answer.date ?? '');
  if (Number.isNaN(date)) return {};
  const [least, most] = [date - receivedAt, date + DATE_STEP_MS - sentAt];
  return { ClockOffset: (least + most) / 2, ClockError: (most - least) / 2 };
}

async function agentsPort({ monotonic }: ControlProbe, agentUrl: string): Promise<Partial<ControlReport>> {
  const { hostname, port } = new URL(`http://${controlAddress(agentUrl).target}`);
  const started = monotonic();
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return { AgentsURL: agentUrl, AgentsConnect: monotonic() - started };
  } catch (error) {
    const { name, message } = error as Error;
    return { AgentsURL: agentUrl, AgentsProblem: name === 'AbortError' ? 'no answer' : message };
  } finally {
    socket.destroy();
  }
}
