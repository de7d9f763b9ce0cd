// What the console says of an audit trail that somebody has changed (test_console_audit.py).
// Usage: console_chain.mjs URL USERNAME PASSWORD
import { arrive, faults, raise, signIn } from './stage.mjs'

const [url, username, password] = process.argv.slice(2)
const { seen, open, end } = await raise(url)
const page = await open('/console/audit/')
await signIn(page, username, password)
await arrive(page, 'Audit trail')
await page.getByRole('button', { name: 'Chain broken' }).waitFor()
seen.problems = await page.getByRole('alert').innerText()
seen.faults = await faults(page)
await end()
