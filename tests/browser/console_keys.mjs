// The console by keyboard alone (test_console_keys.py): no pointer is ever used.
// Usage: console_keys.mjs URL USERNAME PASSWORD SOMEBODY
import { arrive, raise, until } from './stage.mjs'

const [url, username, password, somebody] = process.argv.slice(2)
const { seen, open, end } = await raise(url)
const page = await open('/console/')
const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve())
const type = (text) => page.keyboard.type(text)
const focus = () => page.evaluate(() => document.activeElement?.innerText?.trim() || document.activeElement?.getAttribute('aria-label') || document.activeElement?.tagName)
/** Presses a key until something holds; who sees does the same. */
const pressUntil = (key, condition) => until(async () => (await condition()) || (await press(key), condition()))
const at = (name) => page.evaluate((one) => document.activeElement?.matches(one), name)

// Sign in: the cursor is where it should be.
await until(() => at('input'))
await type(username)
await press('Tab')
await type(password)
await press('Enter')
await arrive(page, 'Users')
await page.locator('[data-row]').first().waitFor()

// Search, down to the first that was found, open it.
await pressUntil('/', () => at('.search input'))
await type(somebody)
await until(async () => (await page.locator('[data-row]').count()) === 1)
await press('ArrowDown')
seen.row = await focus()
await press('Enter')
await page.locator('.user-head').waitFor()
seen.heading = await focus()

// Ban: a dialog that holds the focus, gives it back, and acts on Enter.
await pressUntil('b', async () => (await page.getByRole('dialog').count()) === 1)
await press('Escape')
await until(async () => (await page.getByRole('dialog').count()) === 0)
await pressUntil('b', async () => (await page.getByRole('dialog').count()) === 1)
await until(() => at('textarea'))
await type('By keyboard')
await pressUntil('Tab', () => at('dialog button[type=submit]'))
await press('Enter')
await page.getByText('Banned since').waitFor()
seen.banned = await page.locator('.ban-note').innerText()

// From page to page, and the list of all keys.
seen.pages = []
for (const [key, name] of [['s', 'Statistics'], ['a', 'Audit trail'], ['y', 'System'], ['u', 'Users']]) {
  await press('g', key)
  await arrive(page, name)
  await until(() => at(name === 'Users' ? '[data-row]' : 'h1')) // back in the list it is where one left it
  seen.pages.push(await page.evaluate(() => location.pathname))
}
await press('?')
await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor()
seen.keys = await page.getByRole('dialog').locator('kbd').count()
await press('Escape')
await until(async () => (await page.getByRole('dialog').count()) === 0)

// The palette goes anywhere.
await press('Control+k')
await page.getByRole('dialog').waitFor()
await type('audit')
await press('Enter')
await arrive(page, 'Audit trail')

// Everything that has the focus on the way through a page shows it.
await press('g', 's')
await arrive(page, 'Statistics')
await page.locator('figure canvas').first().waitFor()
seen.hidden = []
for (let i = 0; i < 40; i++) {
  await press('Tab')
  const shown = await page.evaluate(() => {
    const one = document.activeElement
    const { outlineStyle, outlineWidth } = getComputedStyle(one)
    return one === document.body || (outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2) || one.outerHTML.slice(0, 120)
  })
  if (shown !== true) seen.hidden.push(shown)
}

// Skip past the navigation.
await page.goto(`${url}/console/`)
await page.locator('[data-row]').first().waitFor()
await press('Tab')
seen.skip = await focus()
await press('Enter')
await until(() => at('main'))
await end()
