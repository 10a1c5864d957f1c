import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, ConsoleMessage, Page } from 'playwright-core';
import { Mesh } from '../netns/lab/mesh.js';
import { until } from '../netns/lab/until.js';
import { openBrowser } from './browser.js';

const CONTROL = 'https://10.9.0.1:8443';

let mesh: Mesh;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  mesh = await Mesh.open();
  browser = await openBrowser(mesh.lab.host('desk', '10.9.0.2/24'), mesh.certificate.cert);
  page = await (await browser.newContext({ viewport: { width: 800, height: 600 } })).newPage();
  page.setDefaultTimeout(120_000);
  complaints = [];
  page.on('console', (message: ConsoleMessage) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(async () => {
  await browser?.close();
  await mesh?.close();
});

const ownerLink = () => /https:\S+\/login\/once\/\S+(?=\s)/.exec(mesh.control.output())?.[0];

/** Goes on with the Tab key until what has the focus is called so. */
async function tabTo(name: string): Promise<void> {
  const focused = page.locator(':focus');
  for (let presses = 0; presses < 10; presses++) {
    await page.keyboard.press('Tab');
    if ((await focused.count()) > 0 && (await focused.textContent()) === name) return;
  }
  throw new Error(`the Tab key does not lead to ${name}`);
}

/** What every page owes those who see little, or use no mouse. */
async function expectAccessible(): Promise<void> {
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  expect(await page.title()).toMatch(/ · netfold$/);
  expect(await page.getByRole('heading', { level: 1 }).count()).toBe(1);
  expect(await page.getByRole('main').count()).toBe(1);
  for (const control of await page.locator('button, a, input:not([type=hidden])').all()) {
    const name = (await control.textContent()) || (await control.getAttribute('aria-label')) || '';
    expect(name.trim()).not.toBe('');
  }
  for (const target of await page.locator('button, .button').all()) {
    expect((await target.boundingBox())?.height).toBeGreaterThanOrEqual(24); // WCAG 2.2, 2.5.8: links in a sentence may be lower
  }
}

/** Where the focus is must be seen (WCAG 2.2, 2.4.7). */
const outlineOfFocus = () => page.evaluate('getComputedStyle(document.activeElement).outlineStyle');

describe('the pages that people sign in with', () => {
  test('the owner signs in with the keyboard alone', async () => {
    await page.goto(await until('the link of the owner', async () => ownerLink()));
    await expectAccessible();
    await tabTo('Sign in');
    expect(await outlineOfFocus()).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Signed in' }).waitFor();
    await expectAccessible();
  });

  test('lets a machine in with the keyboard alone, and is told so', async () => {
    const laptop = mesh.lab.host('laptop', '10.9.0.3/24');
    const agent = mesh.startAgent(laptop);
    await until('the agent', async () => agent.output().includes('listening at'));
    const up = laptop.startNetfold('up', ['up', '--server', CONTROL]);
    await page.goto(await until('the link', async () => /https:\S+\/connect\/\S+(?=\s)/.exec(up.output())?.[0]));
    await expectAccessible();
    expect(await page.getByText('laptop', { exact: true }).isVisible()).toBe(true);
    await tabTo('Connect');
    expect(await outlineOfFocus()).toBe('solid');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Success' }).waitFor();
    expect(await page.getByRole('status').textContent()).toMatch(/close this page/);
    await expectAccessible();
    await until('the machine is in', async () => up.output().includes('Success.'));
  });

  test('says what was wrong when nothing waits any more', async () => {
    await page.goto(`${CONTROL}/connect/AAAA-BBBB-CCCC`);
    expect(await page.getByRole('alert').textContent()).toMatch(/nothing waits under this code/);
    await expectAccessible();
    complaints = complaints.filter((text) => !/status of 400/.test(text)); // the page itself, as it should be
  });

  test('the browser has nothing to complain about', () => {
    expect(complaints).toEqual([]);
  });
});
