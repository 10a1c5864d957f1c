/** What a browser does, without the pictures: follows redirects, and holds cookies for each origin. */
export class TestBrowser {
  readonly #cookies = new Map<string, Map<string, string>>();
  /** Where it has ended up. */
  url = '';

  get(url: string): Promise<TestPage> {
    return this.#go('GET', url);
  }

  /** Sends the form of a page. */
  submit(page: TestPage, fields: Readonly<Record<string, string>> = {}): Promise<TestPage> {
    const action = /<form[^>]*action="([^"]*)"/.exec(page.text)?.[1] ?? this.url;
    const hidden = [...page.text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    const all = { ...Object.fromEntries(hidden.map(([, name, value]) => [name, value])), ...fields };
    return this.#go('POST', new URL(action, this.url).href, new URLSearchParams(all));
  }

  cookiesOf(origin: string): ReadonlyMap<string, string> {
    return this.#cookies.get(origin) ?? new Map();
  }

  async #go(method: string, url: string, body?: URLSearchParams): Promise<TestPage> {
    const { origin } = new URL(url);
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { method, redirect: 'manual', headers: { cookie }, ...(body && { body }) });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(name);
      else jar.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) return this.#go('GET', new URL(location, url).href);
    this.url = url;
    return { status: response.status, text: await response.text(), headers: response.headers };
  }
}

export interface TestPage {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}
