import type { BrowserContext, Page } from 'playwright-core';

/** Somebody with a browser of their own: cookies are not shared between people. */
export class Person {
  readonly #page: Promise<Page>;

  /** @param login what they tell the identity provider */
  constructor(
    readonly login: string,
    context: Promise<BrowserContext>,
  ) {
    this.#page = context.then(async (browser) => {
      browser.setDefaultTimeout(120_000);
      return browser.newPage();
    });
  }

  /** Opens a link, and signs in with the identity provider if asked to. */
  async open(link: string): Promise<Page> {
    const page = await this.#page;
    await page.goto(link);
    const who = page.getByLabel('Who are you?');
    if (await who.isVisible()) {
      await who.fill(this.login);
      await page.getByRole('button', { name: 'Continue' }).click();
    }
    return page;
  }

  /** Opens a link, checks what the page is about, presses a button, and waits for the heading that follows. */
  async press(button: string, link: string, { about, title }: { about: string; title: string }): Promise<void> {
    const page = await this.open(link);
    await page.getByText(about, { exact: true }).waitFor();
    await page.getByRole('button', { name: button }).click();
    await page.getByRole('heading', { name: title }).waitFor();
  }
}
