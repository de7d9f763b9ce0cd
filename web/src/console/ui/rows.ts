/** Going through the rows of the page's list by keyboard. A row is where its main link (`data-row`) has the focus. */
const links = () => [...document.querySelectorAll<HTMLElement>('main [data-row]')]
const holds = (link: HTMLElement) => link.closest('tr, li')?.contains(document.activeElement) ?? false

export function stepRow(by: 1 | -1) {
  const all = links()
  const at = all.findIndex(holds)
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + by, 0), all.length - 1)
  all[next]?.focus()
  all[next]?.closest('tr, li')?.scrollIntoView({ block: 'nearest' })
}

/** The id of the row that has the focus. */
export function rowId(): number | undefined {
  const id = links().find(holds)?.dataset['row']
  return id ? Number(id) : undefined
}

export const openRow = () => links().find(holds)?.click()
