import { homedir } from 'node:os';
import { parseArgs } from 'node:util';
import { CRYPTO_NAMES, type CryptoChoice, isCryptoChoice } from '#crypto';
import { NetfoldError, problemOf } from '#kernel';
import { agentSocket, agentStateDirectory } from './local-api/agent-paths.js';
import { startAgent } from './start-agent.js';

/** The node daemon as a program of its own, for services and containers; people use `netfold agent`. */
async function main(words: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...words],
    options: { 'state-dir': { type: 'string' }, socket: { type: 'string' }, crypto: { type: 'string' } },
  });
  const context = { env: process.env, home: homedir(), uid: process.getuid?.() ?? -1 };
  const agent = await startAgent({
    stateDir: values['state-dir'] ?? agentStateDirectory(context),
    socket: values.socket ?? agentSocket(context),
    crypto: cryptoChoice(values.crypto ?? process.env.NETFOLD_CRYPTO ?? 'auto'),
    log: (line) => process.stderr.write(`${line}\n`),
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void agent.stop());
}

function cryptoChoice(text: string): CryptoChoice {
  if (isCryptoChoice(text)) return text;
  const hint = `name one of: auto, ${CRYPTO_NAMES.join(', ')}`;
  throw new NetfoldError({
    code: 'agent.bad_crypto',
    message: `there is no ${JSON.stringify(text)}`,
    where: '--crypto',
    hint,
  });
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const { message, where, hint } = problemOf(error);
  process.stderr.write(`netfold-agent: ${message}${where ? ` (${where})` : ''}${hint ? `\n  ${hint}` : ''}\n`);
  process.exitCode = 1;
});
