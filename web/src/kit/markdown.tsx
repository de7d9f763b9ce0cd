/** The part of CommonMark that our descriptions use: paragraphs, headings, tables, lists, `code`,
 * **strong** and [links](/to/this/server). It makes elements, never HTML from text. */
import type { ComponentChildren } from 'preact'

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\[([^\]]+)\]\((\/[^)\s]*)\)/g

function inline(text: string): ComponentChildren[] {
  const out: ComponentChildren[] = []
  let at = 0
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, strong, label, target = ''] = found
    out.push(text.slice(at, found.index))
    if (code) out.push(<code>{code}</code>)
    else if (strong) out.push(<strong>{strong}</strong>)
    else out.push(<a href={target}>{label}</a>)
    at = found.index + whole.length
  }
  return [...out, text.slice(at)]
}

const cells = (line: string) =>
  line.slice(1, -1).split('|').map((cell) => inline(cell.trim()))

function Table({ lines }: { lines: string[] }) {
  const [head, , ...rows] = lines
  return (
    <div class="scroll" tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead><tr>{cells(head ?? '').map((cell) => <th scope="col">{cell}</th>)}</tr></thead>
        <tbody>{rows.map((row) => <tr>{cells(row).map((cell) => <td>{cell}</td>)}</tr>)}</tbody>
      </table>
    </div>
  )
}

function Block({ text }: { text: string }) {
  const lines = text.split('\n')
  if (text.startsWith('## ')) return <h2>{inline(text.slice(3))}</h2>
  if (text.startsWith('|')) return <Table lines={lines} />
  if (text.startsWith('- ')) return <ul>{lines.map((line) => <li>{inline(line.slice(2))}</li>)}</ul>
  return <p>{inline(lines.join(' '))}</p>
}

export function Markdown({ text }: { text: string }) {
  return <>{text.trim().split(/\n{2,}/).map((block) => <Block text={block} />)}</>
}

/** The same without blocks, for a place inside a line. */
export function Inline({ text }: { text: string }) {
  return <>{inline(text)}</>
}
