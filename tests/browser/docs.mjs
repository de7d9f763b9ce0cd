// The API's page in a browser, as somebody uses it: prints what was seen as JSON (test_docs_page.py).
// Usage: docs.mjs URL USERNAME PASSWORD
import { raise, title, faults } from './stage.mjs'

const [url, username, password] = process.argv.slice(2)
const { seen: out, open, end } = await raise(url)

const send = async (page) => {
  await page.getByRole('button', { name: 'Send' }).click()
  await page.waitForSelector('pre.answer')
  return { status: await page.locator('.status strong').innerText(),
    body: JSON.parse(await page.locator('pre.answer').innerText()) }
}

// By keyboard alone: search, first result, its heading has the focus.
const page = await open('/docs/')
out.introduction = await title(page)
out.listed = await page.locator('nav li').count()
await page.keyboard.press('/')
await page.keyboard.type('refresh token')
out.found = await page.locator('nav li').allInnerTexts()
await page.keyboard.press('Enter')
await page.waitForFunction(() => location.hash === '#token_refresh')
await page.waitForFunction(() => document.activeElement?.tagName === 'H1')
out.opened = await title(page)
await page.keyboard.press('/')
await page.keyboard.press('Escape')
await page.keyboard.press('ArrowDown')
out.stepped = await page.evaluate(() => document.activeElement?.getAttribute('href'))
await page.goBack()
await page.waitForFunction(() => location.hash === '')
out.back = await title(page)

// Sign in on the page, use the token it answers.
await page.goto(`${url}/docs/#login`)
await page.waitForFunction(() => document.title.startsWith('Sign in'))
await page.getByRole('textbox', { name: 'Body' }).fill(JSON.stringify({ username, password }))
out.login = (await send(page)).status
await page.getByRole('button', { name: 'Use this access token' }).click()
await page.locator('nav a[href="#me"]').click()
await page.waitForFunction(() => document.title.startsWith('My profile'))
out.me = await send(page)
out.command = await page.locator('pre.request').innerText()
out.stored = await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))
await page.locator('nav a[href="#user_list"]').click()
await page.waitForFunction(() => document.title.startsWith('List and search'))
await page.getByRole('textbox', { name: 'search query' }).fill(username)
out.listing = await send(page)

// What axe-core finds fault with, in both themes: an operation with its answers open, and the introduction.
out.faults = []
const linked = await open('/docs/#register')
for (const address of ['#register', '#']) {
  await linked.goto(`${url}/docs/${address}`)
  await linked.waitForFunction((title) => document.title === title, address === '#' ? 'rollcall API' : 'Register · rollcall API')
  await linked.evaluate(() => document.querySelectorAll('details').forEach((one) => { one.open = true }))
  out.faults.push(...await faults(linked))
}

// A deep link at every width: nothing sticks out sideways.
await linked.goto(`${url}/docs/#register`)
await linked.waitForFunction(() => document.title.startsWith('Register'))
out.wide = []
for (const width of [360, 768, 1440, 3840]) {
  await linked.setViewportSize({ width, height: 900 })
  out.wide.push([await title(linked), await linked.evaluate(() => document.documentElement.scrollWidth), width])
}

// Without room for the list it is behind a button.
const small = await open('/docs/', { viewport: { width: 360, height: 740 } })
out.hidden = await small.locator('nav').isVisible()
await small.getByRole('button', { name: 'Operations' }).click()
await small.getByRole('searchbox').fill('ban')
await small.locator('nav a[href="#user_ban"]').click()
await small.waitForFunction(() => document.title.startsWith('Ban'))
out.small = [await small.locator('nav').isVisible(), await title(small)]

await end()
