import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { ArrowDown, ArrowUp } from './icons'
import { t } from '../i18n'

export interface Column<Row> {
  id: string
  label: string
  cell: (row: Row) => ComponentChildren
  /** Numbers and what belongs to them stand at the end of their column. */
  end?: boolean
  /** The name that the server sorts by. */
  sort?: string
  class?: string
}

export interface Selection {
  has: (id: number) => boolean
  /** How many of the rows that are shown are selected. */
  here: number
  toggle: (id: number) => void
  setAll: (on: boolean) => void
}

interface TableProps<Row> {
  /** What the table lists, for those who cannot see where it stands. */
  caption: string
  columns: Column<Row>[]
  rows: Row[]
  id: (row: Row) => number
  name: (row: Row) => string
  /** `field` or `-field`. */
  sort?: string
  onSort?: (sort: string) => void
  selection?: Selection
  onOpen?: (row: Row) => void
  /** These rows answer an earlier question; the answer to the present one is on its way. */
  stale?: boolean
}

function Heading<Row>({ column, sort = '', onSort }: { column: Column<Row> } & Pick<TableProps<Row>, 'sort' | 'onSort'>) {
  const field = column.sort
  const direction = field && sort === field ? 'ascending' : field && sort === `-${field}` ? 'descending' : undefined
  const Arrow = direction === 'descending' ? ArrowDown : ArrowUp
  return (
    <th scope="col" class={`${column.end ? 'end' : ''} ${column.class ?? ''}`} {...(direction ? { 'aria-sort': direction } : {})}>
      {field && onSort
        ? <button type="button" class="sort" data-sorted={direction} onClick={() => onSort(direction === 'ascending' ? `-${field}` : field)}>
          {column.label}{direction && <Arrow />}
        </button>
        : column.label}
    </th>
  )
}

function SelectAll({ selection, count }: { selection: Selection; count: number }) {
  const box = useRef<HTMLInputElement>(null)
  const all = count > 0 && selection.here === count
  useEffect(() => {
    if (box.current) box.current.indeterminate = selection.here > 0 && !all
  })
  return (
    <th scope="col" class="slim tick">
      <input ref={box} type="checkbox" aria-label={t().table.selectAll} checked={all} onChange={() => selection.setAll(!all)} />
    </th>
  )
}

/** A click on a row opens it, except on what can itself be pressed, and when it ends a selection of text. */
function opens(event: Event): boolean {
  const control = event.target instanceof Element && event.target.closest('a, button, input, label, .tick')
  return !control && !getSelection()?.toString()
}

export function Table<Row>({ caption, columns, rows, id, name, selection, onOpen, stale, ...sorting }: TableProps<Row>) {
  return (
    <div class="table-scroll">
      <table class="rows">
        <caption class="unseen">{caption}</caption>
        <thead>
          <tr>
            {selection && <SelectAll selection={selection} count={rows.length} />}
            {columns.map((column) => <Heading key={column.id} column={column} {...sorting} />)}
          </tr>
        </thead>
        <tbody class={stale ? 'stale' : ''} aria-busy={stale}>
          {rows.map((row) => {
            const key = id(row)
            const chosen = selection?.has(key)
            return (
              <tr key={key} class={`${chosen ? 'selected' : ''} ${onOpen ? 'opens' : ''}`}
                onClick={(event) => { if (onOpen && opens(event)) onOpen(row) }}>
                {selection && (
                  <td class="slim tick" onClick={(event) => { if (event.target === event.currentTarget) selection.toggle(key) }}>
                    <input type="checkbox" aria-label={t().table.select(name(row))} checked={chosen}
                      onChange={() => selection.toggle(key)} />
                  </td>
                )}
                {columns.map((column) => (
                  <td key={column.id} class={`${column.end ? 'end' : ''} ${column.class ?? ''}`}>{column.cell(row)}</td>
                ))}
              </tr>
            )
          })}
        </tbody>
      </table>
    </div>
  )
}

/** The rows of a table that is still to come. */
export function TableSkeleton({ rows, columns }: { rows: number; columns: number }) {
  return (
    <div class="table-scroll" role="status" aria-label={t().common.loading}>
      <table class="rows" aria-hidden="true">
        <thead><tr>{Array.from({ length: columns }, () => <th><span class="bone short" /></th>)}</tr></thead>
        <tbody>
          {Array.from({ length: rows }, () => (
            <tr>{Array.from({ length: columns }, (_, column) => <td><span class={column ? 'bone' : 'bone long'} /></td>)}</tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
