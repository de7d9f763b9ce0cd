// Makes all pages, in built/ or in the folder that is named, and holds each to what it may weigh.
// Usage: node build.js [FOLDER]
import { mkdir, readFile, rm } from 'node:fs/promises'
import { resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'vite'

/** Scripts and styles of a page together, in KB as they are sent (gzip). */
const BUDGET = { docs: 20, console: 90 }

const folder = resolve(process.argv[2] ?? 'built')
await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })

for (const [page, budget] of Object.entries(BUDGET)) {
  await build({ mode: page, logLevel: 'warn', build: { outDir: folder } })
  const parts = await Promise.all(['js', 'css'].map((kind) => readFile(`${folder}/${page}.${kind}`)))
  const weight = parts.reduce((sum, part) => sum + gzipSync(part, { level: 9 }).length, 0) / 1024
  console.log(`${page}: ${weight.toFixed(1)} KB of ${budget}`)
  if (weight > budget) throw new Error(`${page} is too heavy`)
}
