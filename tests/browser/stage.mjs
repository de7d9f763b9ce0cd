// What scenes have in common: a browser that asks nobody but the server, and what is seen in it.
import axe from 'axe-core'
import { chromium } from 'playwright-core'

/** What Chromium says of an answer with an error in it, which is the server's right. */
const REFUSAL = /^Failed to load resource: the server responded with a status of 4\d\d/

/** A browser, and `seen`, which end() prints: `outside` has requests to others, `trouble` what was logged. */
export async function raise(url) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
  const seen = { outside: [], trouble: [] }

  /** A page with cookies of its own. With `refusals` it is going to be refused things. */
  async function open(address, { refusals = false, ...options } = {}) {
    const context = await browser.newContext({ locale: 'en', reducedMotion: 'reduce', viewport: { width: 1440, height: 900 }, ...options })
    await context.route('**/*', (route) => {
      if (new URL(route.request().url()).origin === url) return route.continue()
      seen.outside.push(route.request().url())
      return route.abort()
    })
    const page = await context.newPage()
    page.on('console', (message) => {
      if (!refusals || !REFUSAL.test(message.text())) seen.trouble.push(message.text())
    })
    page.on('pageerror', (problem) => seen.trouble.push(String(problem)))
    await page.goto(url + address)
    await page.waitForSelector('h1')
    return page
  }

  async function end() {
    await browser.close()
    console.log(JSON.stringify(seen))
  }

  return { seen, open, end }
}

/** What axe-core finds fault with on a page as it stands, by all of its rules or by some. */
async function faultsNow(page, rules) {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source)
  const options = { resultTypes: ['violations'], ...(rules ? { runOnly: rules } : {}) }
  const { violations } = await page.evaluate((how) => globalThis.axe.run(how), options)
  return violations.map((one) => `${one.id} ${one.nodes[0].html} ${one.nodes[0].failureSummary}`)
}

/** The same in both themes, which differ in their colours alone; `show` is called in each. */
export async function faults(page, show = async () => {}) {
  const found = []
  for (const [colorScheme, rules] of [['light', null], ['dark', ['color-contrast', 'link-in-text-block']]]) {
    await page.emulateMedia({ colorScheme })
    await show(colorScheme)
    found.push(...(await faultsNow(page, rules)).map((fault) => `${colorScheme}: ${fault}`))
  }
  return found
}

export const title = (page) => page.locator('h1').innerText()

/** Waits until the page of that title is there. */
export const arrive = (page, name) => page.getByRole('heading', { level: 1, name }).waitFor()

/** Signs in on the form that stands where somebody signed out wanted to go. */
export async function signIn(page, username, password) {
  await page.getByRole('textbox', { name: 'User name or email' }).fill(username)
  await page.getByRole('textbox', { name: 'Password', exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
}

/** Waits for something that happens soon. */
export async function until(condition) {
  for (const end = Date.now() + 30_000; !(await condition());) {
    if (Date.now() > end) throw new Error(`it did not happen: ${condition}`)
    await new Promise((done) => setTimeout(done, 20))
  }
}

/** The API as an app uses it. */
export function caller(url) {
  async function send(path, body, token) {
    return fetch(url + path, {
      method: 'POST', body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', ...(token ? { Authorization: `Bearer ${token}` } : {}) },
    })
  }
  const ask = async (path, body, token) => (await send(path, body, token)).json()
  return {
    ask,
    login: (username, password) => ask('/api/action/login/', { username, password }),
    /** What an app that holds this token is answered. */
    status: async (token) => (await send('/api/get/profile/', {}, token)).status,
  }
}
