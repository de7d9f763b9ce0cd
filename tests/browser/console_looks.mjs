// Every page of the console in both themes, on a telephone and on a desk (test_console_looks.py): pictures of it, what
// axe-core finds fault with, and what sticks out.
// Usage: console_looks.mjs URL USERNAME PASSWORD ID FOLDER
import { mkdir } from 'node:fs/promises'
import { arrive, faults, raise, signIn } from './stage.mjs'

const [url, username, password, id, folder] = process.argv.slice(2)
const { seen, open, end } = await raise(url)
await mkdir(folder, { recursive: true })

const quiet = (page) => page.waitForFunction(() => !document.querySelector('.bone, .waiting, [aria-busy=true]'))
const click = (name) => (page) => page.getByRole('button', { name, exact: true }).first().click()
const tab = (name) => ({ name: `user-${name}`, path: `/console/users/${id}?tab=${name}` })
const PLACES = [
  { name: 'users', path: '/console/?language=en' },
  { name: 'users-nobody', path: '/console/?q=nobody-is-called-that' },
  { name: 'users-bulk', path: '/console/?language=en', act: (page) => page.getByRole('checkbox', { name: 'Select all on this page' }).check() },
  ...['overview', 'sessions', 'activity', 'preferences', 'followers', 'following', 'notifications', 'walls'].map(tab),
  { name: 'user-ban', path: `/console/users/${id}`, act: click('Ban') },
  { name: 'user-notify', path: `/console/users/${id}`, act: click('Notify') },
  { name: 'user-edit', path: `/console/users/${id}`, act: click('Edit') },
  { name: 'stats', path: '/console/stats/?days=90' },
  { name: 'audit', path: '/console/audit/' },
  { name: 'audit-record', path: '/console/audit/', act: (page) => page.locator('[data-row]').first().click() },
  { name: 'system', path: '/console/system/', act: async (page) => {
    await page.waitForFunction(() => Number(document.querySelector('[role=slider]')?.getAttribute('aria-valuemax')) >= 2)
  } },
  { name: 'palette', path: '/console/', act: (page) => page.keyboard.press('Control+k') },
  { name: 'help', path: '/console/', act: (page) => page.keyboard.press('?') },
  { name: 'nowhere', path: '/console/nowhere/' },
]
const SIZES = [{ name: 'desk', width: 1440, height: 900 }, { name: 'telephone', width: 360, height: 740 }]

seen.faults = []
seen.wide = []
seen.pictures = 0

/** The page as it stands, in both themes. */
async function look(page, name, size) {
  const found = await faults(page, async (theme) => {
    await page.screenshot({ path: `${folder}/${name}-${size.name}-${theme}.png` })
    seen.pictures += 1
  })
  seen.faults.push(...found.map((fault) => `${name} ${size.name} ${fault}`))
  const width = await page.evaluate(() => document.documentElement.scrollWidth)
  if (width > size.width) seen.wide.push(`${name} ${size.name}: ${width}`)
}

for (const size of SIZES) {
  const page = await open('/console/', { viewport: size })
  await look(page, 'sign-in', size)
  await signIn(page, username, password)
  await arrive(page, 'Users')
  for (const { name, path, act } of PLACES) {
    await page.goto(url + path)
    await page.locator('h1').waitFor()
    await quiet(page)
    if (act) {
      await act(page)
      await quiet(page)
    }
    await look(page, name, size)
  }
}

// A wall of a screen.
const wall = await open('/console/', { viewport: { width: 3840, height: 2160 } })
await signIn(wall, username, password)
await arrive(wall, 'Users')
for (const { name, path } of PLACES.filter((one) => ['users', 'stats', 'audit', 'system'].includes(one.name))) {
  await wall.goto(url + path)
  await wall.locator('h1').waitFor()
  await quiet(wall)
  await wall.screenshot({ path: `${folder}/${name}-wall-light.png` })
  const width = await wall.evaluate(() => document.documentElement.scrollWidth)
  if (width > 3840) seen.wide.push(`${name} wall: ${width}`)
}
await end()
