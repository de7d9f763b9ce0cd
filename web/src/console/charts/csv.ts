export type Cell = string | number | boolean | null | undefined

/** What a spreadsheet would take for a formula, even behind blanks. */
const FORMULA = /^\s*[=+\-@＝＋－＠|%]|^[\t\r\n]/

/** One field. Text that came from people never starts a formula: it gets an apostrophe in front, which
 * spreadsheets take for "this is text". Numbers are numbers, and may be negative. */
function field(cell: Cell): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell !== 'string') return String(cell)
  const text = FORMULA.test(cell) ? `'${cell}` : cell
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** RFC 4180, the first row being the head. It begins with a byte order mark, without which Excel takes
 * UTF-8 for something else. */
export function csv(rows: readonly (readonly Cell[])[]): string {
  return '\uFEFF' + rows.map((row) => row.map(field).join(',') + '\r\n').join('')
}
