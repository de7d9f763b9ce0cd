// The console's system page, as somebody watches it (test_console_system.py).
// Usage: console_system.mjs URL USERNAME PASSWORD
import { arrive, faults, raise, signIn, until } from './stage.mjs'

const [url, username, password] = process.argv.slice(2)
const { seen, open, end } = await raise(url)

const page = await open('/console/system/')
await signIn(page, username, password)
await arrive(page, 'System')
await page.getByText('Live', { exact: true }).waitFor()
const facts = () => page.locator('.fact').evaluateAll((all) => Object.fromEntries(all.map((one) => [...one.children].map((part) => part.innerText))))
seen.facts = await facts()
seen.warnings = await page.getByRole('region', { name: 'Configuration' }).getByRole('listitem').allInnerTexts()
seen.queues = await page.getByRole('region', { name: 'Queues' }).getByRole('listitem').allInnerTexts()

// The figures move by themselves, and are drawn.
const total = async () => Number((await facts())['Requests so far'].replaceAll(',', ''))
const before = await total()
await until(async () => await total() > before)
const rate = page.getByRole('slider', { name: 'Requests per second' })
await until(async () => Number(await rate.getAttribute('aria-valuemax')) >= 1)
await rate.focus()
await page.keyboard.press('End')
seen.rate = await rate.getAttribute('aria-valuetext')

seen.faults = await faults(page)
await page.setViewportSize({ width: 360, height: 740 })
seen.narrow = await page.evaluate(() => document.documentElement.scrollWidth)

// In Spanish all of it is.
await page.setViewportSize({ width: 1440, height: 900 })
await page.getByRole('banner').getByRole('button').last().click()
await page.getByRole('combobox', { name: 'Language' }).selectOption('es')
await page.keyboard.press('Escape')
seen.spanish = [await page.locator('h1').innerText(), await page.getByRole('region', { name: 'Configuración' }).getByRole('listitem').allInnerTexts()]
await end()
