/** Tables as CSV (RFC 4180), for spreadsheets. */

/** What a spreadsheet would take for a formula is text to it with an apostrophe in front. */
const FORMULA = /^[=+\-@＝＋－＠\t\r\n]/

function cell(value: string | number | boolean | null | undefined): string {
  if (value === null || value === undefined) return ''
  if (typeof value !== 'string') return String(value)
  const safe = FORMULA.test(value.trimStart()) || FORMULA.test(value) ? `'${value}` : value
  return /["\n\r,;]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export type Cell = Parameters<typeof cell>[0]

export const csv = (head: string[], rows: Cell[][]) => [head, ...rows].map((row) => row.map(cell).join(',') + '\r\n').join('')

/** Hands a file to whoever is at the browser. A mark at its beginning tells spreadsheets that it is UTF-8. */
export function downloadCsv(name: string, text: string) {
  download(name, new Blob(['\ufeff', text], { type: 'text/csv;charset=utf-8' }))
}

export function download(name: string, content: Blob) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000)
}
