// The console's statistics, as somebody looks at them (test_console_stats.py).
// Usage: console_stats.mjs URL USERNAME PASSWORD
import { readFile } from 'node:fs/promises'
import { arrive, faults, raise, signIn, until } from './stage.mjs'

const [url, username, password] = process.argv.slice(2)
const { seen, open, end } = await raise(url)

// A deep link leads there, by way of the sign-in.
const page = await open('/console/stats/')
await signIn(page, username, password)
await arrive(page, 'Statistics')
await until(async () => (await page.locator('figure h3').count()) === 7 && (await page.locator('.waiting').count()) === 0)
seen.titles = await page.locator('figure h3').allInnerTexts()
seen.sums = await page.locator('figure .sum strong').allInnerTexts()

async function download(name) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name, exact: true }).click()])
  return { name: file.suggestedFilename(), content: await readFile(await file.path()) }
}

// Sex: by keyboard, as a table, as a file, as a picture.
const sex = page.getByRole('slider', { name: 'Sex' })
await sex.focus()
seen.spoken = []
for (const key of ['Home', 'ArrowDown', 'End']) {
  await page.keyboard.press(key)
  seen.spoken.push(await sex.getAttribute('aria-valuetext'))
}
seen.readout = (await page.locator('.readout').innerText()).split(/\s+/).join(' ')
const picture = await download('PNG: Sex')
seen.picture = [picture.name, picture.content.subarray(1, 4).toString(), picture.content.length > 2000]
const rows = await download('CSV: Sex')
seen.csv = [rows.name, rows.content.toString()]
await page.getByRole('button', { name: 'Table: Sex' }).click()
seen.table = await page.getByRole('figure', { name: 'Sex' }).locator('tbody tr').evaluateAll((all) =>
  all.map((row) => [...row.cells].map((cell) => cell.innerText)))

// What happens day by day: as far back as one likes, which stands in the address.
const seenDays = async () => {
  await page.getByRole('button', { name: 'Table: Sign-ins per day' }).click()
  const rows = await page.getByRole('figure', { name: 'Sign-ins per day' }).locator('tbody tr').evaluateAll((all) =>
    all.map((row) => [...row.cells].map((cell) => cell.innerText)))
  await page.getByRole('button', { name: 'Table: Sign-ins per day' }).click()
  return { days: rows.length, today: rows[0], address: await page.evaluate(() => location.search) }
}
seen.daily = [await seenDays()]
for (const days of ['7', '365']) {
  await page.getByRole('button', { name: `${days} days` }).click()
  await until(async () => {
    seen.daily[days === '7' ? 1 : 2] = await seenDays()
    return seen.daily.at(-1).days === Number(days)
  })
}
await page.getByRole('slider', { name: 'Sign-ins per day' }).focus()
await page.keyboard.press('End')
seen.today = await page.getByRole('slider', { name: 'Sign-ins per day' }).getAttribute('aria-valuetext')

// With the pointer on it a chart says what is there.
const age = page.getByRole('slider', { name: 'Age' })
await age.hover({ position: { x: 120, y: 60 } })
seen.hovered = await age.locator('.readout strong').innerText()

// A canvas is as wide as there is room, and drawn for the theme.
const canvas = page.locator('.plot canvas').last()
const drawn = () => canvas.evaluate((one) => one.toDataURL())
const light = await drawn()
await page.emulateMedia({ colorScheme: 'dark' })
await until(async () => await drawn() !== light)
await page.emulateMedia({ colorScheme: 'light' })
await until(async () => await drawn() === light)
const wide = await canvas.evaluate((one) => one.clientWidth)
await page.setViewportSize({ width: 360, height: 740 })
await page.waitForFunction((before) => [...document.querySelectorAll('.plot canvas')].at(-1).clientWidth < before, wide)
seen.narrow = await page.evaluate(() => document.documentElement.scrollWidth)

await page.getByRole('button', { name: 'Table: Preferences' }).click()
seen.faults = await faults(page)
await end()
