// The console's audit trail, as somebody looks through it (test_console_audit.py).
// Usage: console_audit.mjs URL USERNAME PASSWORD BANNED
import { readFile } from 'node:fs/promises'
import { arrive, faults, raise, signIn, until } from './stage.mjs'

const [url, username, password, banned] = process.argv.slice(2)
const { seen, open, end } = await raise(url)

const page = await open('/console/audit/')
await signIn(page, username, password)
await arrive(page, 'Audit trail')
const rows = page.locator('.trail tbody tr:has([data-row])')
const texts = () => rows.evaluateAll((all) => all.map((row) => [...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())))
const address = () => page.evaluate(() => location.search)
const settled = async () => {
  await page.waitForFunction(() => document.querySelector('.trail tbody:not(.stale), .trail .state') && !document.querySelector('[role=status] .bone'))
}
await rows.first().waitFor()
await page.getByRole('button', { name: 'Chain verified' }).waitFor()
seen.first = (await texts())[0].slice(1)

// What the badge tells.
await page.getByRole('button', { name: 'Chain verified' }).click()
seen.chain = await page.locator('.menu-panel').innerText()
await page.keyboard.press('Escape')

// Filters stand in the address, and going back takes them away again.
await page.getByRole('combobox', { name: 'Event' }).selectOption('account.ban')
await until(async () => (await texts()).every((row) => row[1] === 'Ban'))
seen.bans = [await address(), (await texts()).map((row) => row.slice(1, 5))]
await page.getByRole('textbox', { name: 'Who', exact: true }).fill('nobody-has-this-name')
await page.keyboard.press('Enter')
await page.getByText('No account has this name').first().waitFor()
seen.unknown = await address()
await page.getByRole('textbox', { name: 'Who', exact: true }).fill(username)
await page.keyboard.press('Enter')
await until(async () => (await address()).endsWith(username) && (await texts()).length === 2)
seen.byActor = await address()
await page.getByRole('textbox', { name: 'From', exact: true }).fill('2030-01-01')
await page.getByText('No record matches').waitFor()
await page.goBack()
await rows.first().waitFor()
seen.back = await address()
await page.getByRole('button', { name: 'Clear the filters' }).click()
await until(async () => (await texts()).length > 20)
seen.cleared = await address()

// Page by page.
const newest = await texts()
await page.getByRole('button', { name: 'Older' }).click()
await until(async () => (await page.getByText('Earlier records').count()) === 1 && (await texts())[0]?.join() !== newest[0].join())
await settled()
seen.older = (await texts()).length
await page.getByRole('button', { name: 'Newest' }).click()
await page.getByText('Newest first').waitFor()

// By keyboard: the second row, opened and closed.
await page.goto(`${url}/console/audit/?event=account.ban`)
await rows.first().waitFor()
await until(async () => {
  await page.keyboard.press('j')
  return page.evaluate(() => document.activeElement?.matches('[data-row]'))
})
await page.keyboard.press('Enter')
const dialog = page.getByRole('dialog')
await dialog.waitFor()
seen.record = await dialog.locator('dl').innerText()
seen.faults = await faults(page)
await page.keyboard.press('Escape')
await until(async () => (await dialog.count()) === 0)
seen.focus = await page.evaluate(() => document.activeElement?.innerText)

// A link leads to the account; "only these" to all of it.
seen.link = await page.getByRole('link', { name: banned }).first().getAttribute('href')

const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()])
seen.export = [file.suggestedFilename(), (await readFile(await file.path())).toString()]

seen.faults.push(...await faults(page))
await page.setViewportSize({ width: 360, height: 740 })
seen.narrow = await page.evaluate(() => document.documentElement.scrollWidth)
seen.scripts = await page.evaluate(() => globalThis.stolen ?? null)
await end()
