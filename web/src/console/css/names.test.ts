import { expect, test } from 'vitest'

/** css/ has what all share, which they may add to; everything else is a page's or a part's own. */
const files = import.meta.glob<string>(['../charts/*.css', '../pages/**/*.css'], { query: '?raw', import: 'default', eager: true })

/** The classes that rules begin with, but those for a certain size of screen, which repeat them. */
function classes(styles: string): Set<string> {
  const rules = styles.replaceAll(/@media[^{]*\{(?:[^{}]*\{[^}]*\})*\s*\}/g, '')
  const selectors = [...rules.matchAll(/([^{}]+)\{/g)].flatMap(([, list]) => (list ?? '').split(','))
  return new Set(selectors.flatMap((one) => one.trim().match(/^\.[\w-]+/) ?? []))
}

test('no two pages mean different things by one class: they are one bundle', () => {
  const owners = new Map<string, string>()
  const taken: string[] = []
  for (const [file, styles] of Object.entries(files))
    for (const name of classes(styles)) {
      const owner = owners.get(name)
      if (owner) taken.push(`${name}: ${owner} and ${file}`)
      owners.set(name, file)
    }
  expect(owners.size).toBeGreaterThan(50)
  expect(taken).toEqual([])
})
