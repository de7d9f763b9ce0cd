/** Canvas knows no custom properties: they are read here, and again when the theme changes. */
const NAMES = ['chart-1', 'chart-1-tint', 'chart-2', 'chart-2-tint', 'chart-bad', 'chart-bad-tint',
  'panel', 'grid', 'text', 'soft'] as const
export type ColourName = (typeof NAMES)[number]
export type Colours = Readonly<Record<ColourName, string>>

/** What the properties are where `host` stands. light-dark() and color-mix() come to one colour only once
 * they are used, so something is given each of them. */
export function colours(host: Element): Colours {
  const probe = document.createElement('span')
  host.append(probe)
  const style = getComputedStyle(probe)
  const found = NAMES.map((name) => {
    probe.style.color = `var(--${name})`
    return [name, style.color]
  })
  probe.remove()
  return Object.fromEntries(found) as Colours
}

/** Calls `changed` when the page or the system takes another theme, until the function it returns is called. */
export function onTheme(changed: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  const page = new MutationObserver(changed)
  page.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  system.addEventListener('change', changed)
  return () => {
    page.disconnect()
    system.removeEventListener('change', changed)
  }
}
