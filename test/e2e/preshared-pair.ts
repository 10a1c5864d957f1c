import type { PresharedKeyStatus } from '../../apps/agent/src/local-api/status.js';
import { MeshInProcess, type TestMachine, until } from './mesh-in-process.js';

/** Two machines, and the pre-shared keys of the tunnel between them. */
export class PresharedPair {
  private constructor(
    readonly mesh: MeshInProcess,
    readonly a: TestMachine,
    readonly b: TestMachine,
  ) {}

  static async start(): Promise<PresharedPair> {
    const mesh = await MeshInProcess.start();
    const [a, b] = [await mesh.join('a'), await mesh.join('b')];
    for (const machine of [a, b]) await until(async () => Object.keys((await machine.status()).Peer).length === 1);
    return new PresharedPair(mesh, a, b);
  }

  async stateOf(machine: TestMachine): Promise<PresharedKeyStatus> {
    const [peer] = Object.values((await machine.status()).Peer);
    if (!peer) throw new Error(`${machine.name} sees nobody`);
    return peer.PresharedKey;
  }

  /** The key that the machine answers handshakes with, in base64. */
  async keyOf(machine: TestMachine): Promise<string | undefined> {
    return /PresharedKey = (\S+)/.exec(await machine.client.text('GET /wgconf?keys=1'))?.[1];
  }

  /** Resolves when both have one key, and the session is made with it. @returns the key, in base64 */
  async isProtected(): Promise<string> {
    const { a, b } = this;
    await until(async () => (await a.ping('b', { timeout: 200 })).includes(true));
    await until(async () => (await this.#isWhole(a)) && (await this.#isWhole(b)));
    await until(async () => (await this.keyOf(a)) === (await this.keyOf(b)));
    return (await this.keyOf(a)) ?? '';
  }

  async #isWhole(machine: TestMachine): Promise<boolean> {
    const { State, InUse } = await this.stateOf(machine);
    return State === 'active' && InUse === true;
  }
}
