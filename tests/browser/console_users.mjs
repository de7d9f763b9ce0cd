// A day of whoever looks after users (test_console_users.py): finds somebody, bans, writes to, signs out, and the same with many.
// Usage: console_users.mjs URL ADMIN PASSWORD VICTIM CROWD
import { arrive, caller, raise, signIn, until } from './stage.mjs'

const [url, admin, password, victim, crowd] = process.argv.slice(2)
const { seen, open, end } = await raise(url)
const { login, status, ask } = caller(url)

// Signing in, at the second attempt.
const page = await open('/console/', { refusals: true })
await signIn(page, admin, 'not the password')
seen.wrong = await page.getByRole('alert').innerText()
await signIn(page, admin, password)
await arrive(page, 'Users')
const rows = page.locator('table.rows tbody tr:has([data-row])')
const address = () => page.evaluate(() => location.search)
const names = () => rows.locator('.who').allInnerTexts()
const fresh = async () => (await page.locator('tbody[aria-busy=true]').count()) === 0
const count = async () => Number((await page.locator('.page-head .badge').innerText()).replaceAll(',', ''))
await rows.first().waitFor()
seen.total = await count()

// Search as one types, from the keyboard; what is found stands in the address.
await page.keyboard.press('/')
const answered = page.waitForResponse((one) => one.request().postData()?.includes('"martinez"'))
await page.keyboard.type('martinez', { delay: 20 })
await answered
await until(async () => (await address()) === '?q=martinez' && (await fresh()))
seen.found = [await count(), await names()]
await page.getByRole('button', { name: 'Clear filters' }).first().click()
await until(async () => (await count()) === seen.total)

// Filters combine; each has its place in the address.
await page.getByRole('combobox', { name: 'Status' }).selectOption('banned')
await page.getByRole('combobox', { name: 'Language' }).selectOption('en')
await until(async () => (await address()) === '?status=banned&language=en' && (await rows.locator('.badge.bad').count()) === (await rows.count()))
seen.filtered = await count()
await page.getByRole('button', { name: 'Clear filters' }).first().click()
await until(async () => (await count()) === seen.total)

// Pages, and the way back.
const first = await names()
await page.getByRole('button', { name: 'Next page' }).click()
await until(async () => (await address()) === '?page=2' && (await names())[0] !== first[0])
await page.goBack()
await until(async () => (await address()) === '' && (await names())[0] === first[0])

// Somebody is banned: the token dies. Undo: they can sign in again.
const find = async (text) => {
  await page.goto(`${url}/console/?q=${text}`)
  await rows.first().waitFor()
  await until(async () => (await count()) < 100)
}
let token = (await login(victim, password)).access
seen.before = await status(token)
await find(victim)
await rows.first().getByRole('link').click()
await arrive(page, 'Vic Tim')
await page.getByRole('button', { name: 'Ban', exact: true }).click()
await page.getByRole('dialog').locator('button[type=submit]').click()
seen.noReason = await page.getByRole('dialog').getByRole('alert').innerText()
await page.getByRole('textbox', { name: 'Reason' }).fill('Sells <b>fake</b> shoes')
await page.getByRole('combobox', { name: 'How long' }).selectOption('week')
await page.getByRole('dialog').locator('button[type=submit]').click()
await page.getByText('Banned since').waitFor()
seen.note = await page.locator('.ban-note').innerText()
seen.banned = [await status(token), (await login(victim, password)).error]
await page.getByRole('button', { name: 'Undo' }).click()
await until(async () => (await page.locator('.ban-note').count()) === 0)
token = (await login(victim, password)).access
seen.undone = await status(token)

// A message reaches the inbox.
await page.getByRole('button', { name: 'Notify' }).click()
await page.getByRole('textbox', { name: 'Title' }).fill('Shoes')
await page.getByRole('textbox', { name: 'Message' }).fill('Only real ones, please.')
await page.getByRole('dialog').locator('button[type=submit]').click()
await until(async () => (await page.getByRole('dialog').count()) === 0)
seen.inbox = (await ask('/api/get/notifications/history/', {}, token)).notifications?.[0]?.title

// Signed out everywhere.
await page.getByRole('button', { name: 'More actions' }).click()
await page.getByRole('button', { name: 'Sign out everywhere' }).first().click()
await page.getByRole('dialog').locator('button[type=submit]').click()
await until(async () => (await page.getByRole('dialog').count()) === 0)
seen.signedOut = await status(token)

// Many at once.
const tokens = []
for (let i = 0; i < 5; i++) tokens.push((await login(`${crowd}${i}`, password)).access)
await find(crowd)
await page.getByRole('checkbox', { name: 'Select all on this page' }).check()
seen.chosen = await page.getByRole('region', { name: /selected/ }).getByRole('status').innerText()
await page.getByRole('region', { name: /selected/ }).getByRole('button', { name: 'Ban', exact: true }).click()
seen.asked = await page.getByRole('dialog').getByRole('heading').first().innerText()
await page.getByRole('textbox', { name: 'Reason' }).fill('All of one farm')
await page.getByRole('dialog').locator('button[type=submit]').click()
await page.getByRole('dialog', { name: 'Done' }).waitFor()
seen.report = await page.getByRole('dialog').innerText()
seen.many = await Promise.all(tokens.map(status))

// All of it is in the trail.
await page.goto(`${url}/console/audit/?actor=${admin}&event=account.ban`)
await page.locator('.trail tbody tr:has([data-row])').nth(5).waitFor()
seen.trail = await page.locator('.trail tbody tr:has([data-row])').evaluateAll((all) => all.map((row) => row.cells[4].innerText))

// Signed out everywhere oneself.
await page.getByRole('banner').getByRole('button').last().click()
await page.getByRole('button', { name: 'Sign out everywhere' }).click()
await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
seen.cookies = (await page.context().cookies()).filter(({ name }) => name === 'sessionid').length
await end()
