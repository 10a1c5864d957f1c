/** The admin API of a control plane, as far as the benchmark needs it. */
export class Admin {
  constructor(
    private readonly httpUrl: string,
    private readonly token: string,
  ) {}

  /** An auth key that any number of machines may join with. */
  async authKey(tags: readonly string[]): Promise<string> {
    const { key } = await this.#call('POST', 'auth-keys', { reusable: true, preapproved: true, tags });
    return key as string;
  }

  async publish(policy: unknown): Promise<number> {
    return (await this.#call('PUT', 'policy', JSON.stringify(policy))).revision as number;
  }

  async rename(nodeId: string, name: string): Promise<number> {
    return (await this.#call('POST', `nodes/${nodeId}/rename`, { name })).revision as number;
  }

  async revision(): Promise<number> {
    return (await this.#call('GET', 'revision')).revision as number;
  }

  async #call(method: string, path: string, body?: unknown): Promise<Record<string, unknown>> {
    const text = typeof body === 'string';
    const response = await fetch(`${this.httpUrl}/api/v1/tailnets/-/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body !== undefined && { 'content-type': text ? 'application/hujson' : 'application/json' }),
      },
      ...(body !== undefined && { body: text ? body : JSON.stringify(body) }),
    });
    const answer = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer}`);
    return JSON.parse(answer);
  }
}
