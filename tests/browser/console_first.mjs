// The first run: from the link that the server has printed to the first superuser (test_console_first.py).
// Usage: console_first.mjs URL LINK USERNAME PASSWORD
import { arrive, faults, raise, until } from './stage.mjs'

const [url, link, username, password] = process.argv.slice(2)
const { seen, open, end } = await raise(url)
const address = link.slice(url.length)

const page = await open(address, { refusals: true })
await arrive(page, 'Set up rollcall')
seen.faults = await faults(page)
const fill = async (name, text) => page.getByRole('textbox', { name, exact: true }).fill(text)
await fill('User name', username)
await fill('Email', `${username}@example.com`)
await fill('Password', password)
await fill('The password once more', 'something else')
await page.getByRole('button', { name: 'Make the account' }).click()
seen.mismatch = await page.getByRole('alert').innerText()
await fill('The password once more', password)
await page.getByRole('button', { name: 'Make the account' }).click()
await arrive(page, 'Users')
await page.locator('tbody tr:has([data-row])').waitFor()
seen.users = await page.locator('tbody .who').allInnerTexts()
seen.token = await page.evaluate(() => location.href.includes('#'))
seen.role = await page.getByRole('banner').getByRole('button').last().innerText()

// It works once.
const late = await open(address, { refusals: true })
await arrive(late, 'Set up rollcall')
for (const [name, text] of [['User name', 'second'], ['Email', 'second@example.com'], ['Password', password], ['The password once more', password]])
  await late.getByRole('textbox', { name, exact: true }).fill(text)
await late.getByRole('button', { name: 'Make the account' }).click()
await arrive(late, 'This link does not work any more')
seen.used = true
const bare = await open('/console/setup/')
await arrive(bare, 'This link is not complete')
await until(async () => (await bare.locator('h1').count()) === 1)
await end()
