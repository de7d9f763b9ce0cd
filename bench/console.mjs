// How long the console takes to show its users, and to answer when one types in the search. Against a server that runs:
//
//   rollcall dev-data --accounts 1000000 --superuser olivia --database sqlite:million.db
//   rollcall serve --database sqlite:million.db --listen 127.0.0.1:8000
//   node bench/console.mjs http://127.0.0.1:8000 olivia password123
//
// First paint of the users is when the first row of a cold page (no cache) is drawn; interaction to next paint is what the
// browser's Event Timing says of each key, the worst of them; "found" is from the last key to the answer on the screen.
import { chromium } from 'playwright-core'

const [url, username, password] = process.argv.slice(2)
const WORDS = ['garcia', 'olivia tay', 'мария', 'zzzz', 'li']
const ROUNDS = 5
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] })
const signedIn = await browser.newContext()
await signedIn.request.post(`${url}/api/action/login/`, { data: { username, password } })
const storageState = await signedIn.storageState()
const median = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)]
const say = (what, all) => console.log(`${what}: median ${Math.round(median(all))} ms, worst ${Math.round(Math.max(...all))} ms`)

/** A page that notes when its first row was painted. */
async function open() {
  const page = await (await browser.newContext({ storageState, viewport: { width: 1440, height: 900 } })).newPage()
  await page.addInitScript(() => {
    globalThis.keys = []
    new PerformanceObserver((list) => globalThis.keys.push(...list.getEntries().map(({ duration }) => duration)))
      .observe({ type: 'event', durationThreshold: 16, buffered: true })
    const look = () => {
      if (document.querySelector('[data-row]')) requestAnimationFrame(() => (globalThis.painted = performance.now()))
      else requestAnimationFrame(look)
    }
    look()
  })
  await page.goto(`${url}/console/`)
  await page.waitForFunction(() => globalThis.painted)
  return page
}

const contentful = []
const users = []
const keys = []
const found = []
for (let round = 0; round < ROUNDS; round++) {
  const page = await open()
  users.push(await page.evaluate(() => globalThis.painted))
  contentful.push(await page.evaluate(() => performance.getEntriesByName('first-contentful-paint')[0].startTime))
  await page.evaluate(() => (globalThis.keys = []))
  for (const word of WORDS) {
    await page.locator('.search input').fill('')
    await page.waitForFunction(() => !location.search)
    await page.keyboard.type(word, { delay: 60 })
    const begun = Date.now()
    await page.waitForFunction((text) => new URLSearchParams(location.search).get('q') === text
      && !document.querySelector('[aria-busy=true]'), word)
    found.push(Date.now() - begun)
  }
  keys.push(...await page.evaluate(() => globalThis.keys), 0)
  await page.context().close()
}
await browser.close()
say('first contentful paint', contentful)
say('first paint of the users', users)
say('interaction to next paint while typing', [Math.max(...keys)])
say('found, from the last key', found)
