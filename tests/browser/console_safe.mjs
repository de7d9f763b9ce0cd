// Who should not act in the console, and what should not run in it (test_console_safe.py).
// Usage: console_safe.mjs URL SUPERUSER PASSWORD BANNED DEMOTED ID_OF_BANNED ID_OF_DEMOTED HOSTILE_ID HOSTILE_NAME
import { createServer } from 'node:http'
import { arrive, caller, raise, signIn, until } from './stage.mjs'

const [url, superuser, password, banned, demoted, bannedId, demotedId, hostileId, hostileName] = process.argv.slice(2)
const { seen, open, end } = await raise(url)
const { login, status, ask } = caller(url)
const boss = (await login(superuser, password)).access

// An administrator is banned, another is no administrator any more: the next click ends it.
async function staff(username) {
  const page = await open('/console/', { refusals: true })
  await signIn(page, username, password)
  await arrive(page, 'Users')
  await page.locator('table.rows tbody tr:has([data-row])').first().waitFor()
  return page
}
const first = await staff(banned)
const second = await staff(demoted)
await ask('/api/user/status/ban/', { user_id: Number(bannedId), banned: true, reason: 'Left the company' }, boss)
await ask('/api/user/role/', { user_id: Number(demotedId), is_staff: false }, boss)
await first.getByRole('link', { name: 'Audit trail' }).click()
await first.getByRole('heading', { name: 'Sign in' }).waitFor()
seen.banned = await first.locator('body').innerText()
await second.getByRole('link', { name: 'Audit trail' }).click()
await arrive(second, 'This account may not use the console')
seen.demoted = await second.locator('body').innerText()

// What people write stays what they have written, wherever it is shown.
const page = await open('/console/')
page.on('dialog', (dialog) => {
  seen.trouble.push(`a dialog: ${dialog.message()}`)
  void dialog.dismiss()
})
await signIn(page, superuser, password)
await arrive(page, 'Users')
const text = () => page.locator('body').innerText()
const shows = async (mark) => until(async () => (await text()).includes(mark))
await page.goto(`${url}/console/?q=${hostileName}`)
await shows('<img src=x onerror=stolen=1>')
await page.goto(`${url}/console/users/${hostileId}`)
await shows('<script>stolen=2</script>')
for (const [tab, mark] of [['walls', '<svg onload=stolen=3>'], ['notifications', '<iframe srcdoc=x>'], ['activity', '<b onclick=stolen=5>']]) {
  await page.goto(`${url}/console/users/${hostileId}?tab=${tab}`)
  await shows(mark)
}
await page.goto(`${url}/console/audit/?user=${hostileName}&event=account.ban`)
await shows('<b onclick=stolen=5>')
seen.stolen = await page.evaluate(() => globalThis.stolen ?? null)
seen.elements = await page.locator('main :is(img, script, iframe, svg[onload])').count()

// Another site in the same browser: it can neither act with the cookie nor put the console in a frame.
const evil = createServer((request, response) => {
  response.setHeader('Content-Type', 'text/html')
  response.end(`<h1>Kittens</h1><iframe src="${url}/console/"></iframe>
    <form method="post" action="${url}/api/user/force-logout/"><input name="user_id" value="${hostileId}"><button>Win</button></form>`)
}).listen(0, '127.0.0.1')
await new Promise((done) => evil.once('listening', done))
const here = `http://127.0.0.1:${evil.address().port}`
const hostile = (await login(hostileName, password)).access
const other = await open('/console/', { refusals: true, storageState: await page.context().storageState() })
await arrive(other, 'Users')
await other.context().unroute('**/*')
await other.goto(here)
await until(() => other.frames()[1]?.url().startsWith('chrome-error:')) // what a frame is that must not be
seen.fetched = await other.evaluate(async ([address, id]) => {
  const answer = await fetch(`${address}/api/user/force-logout/`, { method: 'POST', credentials: 'include', mode: 'no-cors',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body: `user_id=${id}` })
  return answer.type
}, [url, hostileId])
const [answer] = await Promise.all([
  other.waitForResponse((one) => one.url().includes('force-logout')),
  other.getByRole('button', { name: 'Win' }).click({ noWaitAfter: true }),
])
seen.posted = answer.status()
seen.alive = await status(hostile)
evil.closeAllConnections()
evil.close()
seen.trouble = seen.trouble.filter((line) => !line.includes('frame-ancestors'))
await end()
