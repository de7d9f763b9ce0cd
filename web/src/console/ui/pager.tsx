import { ChevronLeft, ChevronRight } from './icons'
import { t } from '../i18n'
import { number } from '../i18n/format'

const LIMITS = [10, 25, 50, 100]

interface PagerProps {
  page: number
  limit: number
  total: number
  onPage: (page: number) => void
  onLimit: (limit: number) => void
}

/** Where in a list one is, and the way to its other pages. */
export function Pager({ page, limit, total, onPage, onLimit }: PagerProps) {
  const words = t().table
  const pages = Math.max(1, Math.ceil(total / limit))
  const first = Math.min(total, (page - 1) * limit + 1)
  return (
    <div class="pager">
      <span class="number">{words.range(number(first), number(Math.min(total, page * limit)), number(total))}</span>
      <span class="grow" />
      <label class="row">{words.rows}
        <select value={limit} onChange={(event) => onLimit(Number(event.currentTarget.value))}>
          {LIMITS.map((one) => <option value={one}>{one}</option>)}
        </select>
      </label>
      <span class="row">
        <button type="button" class="icon" aria-label={words.previous} disabled={page <= 1} onClick={() => onPage(page - 1)}><ChevronLeft /></button>
        <span class="number">{words.page(number(page), number(pages))}</span>
        <button type="button" class="icon" aria-label={words.next} disabled={page >= pages} onClick={() => onPage(page + 1)}><ChevronRight /></button>
      </span>
    </div>
  )
}
