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
await page.locator('.plot canvas').nth(2).waitFor()
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
seen.table = await page.locator('figure').first().locator('tbody tr').evaluateAll((all) =>
  all.map((row) => [...row.cells].map((cell) => cell.innerText)))

// With the pointer on it a chart says what is there.
await page.getByRole('slider', { name: 'Age' }).hover({ position: { x: 120, y: 60 } })
seen.hovered = await page.locator('.readout strong').innerText()

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
