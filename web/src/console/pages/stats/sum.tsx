import { TrendingDown, TrendingUp } from '../../ui/icons'
import { change } from '../../charts/share'
import { t } from '../../i18n'
import { number, percent } from '../../i18n/format'
import type { Range } from './days'

interface Props {
  now: number
  /** As much before; null when that is not known. */
  before: number | null
  range: Range
  /** What is counted, in small behind the number. */
  unit: string
}

/** What a chart comes to, and how that has changed. More is not better or worse: it has no colour. */
export function Sum({ now, before, range, unit }: Props) {
  const more = before === null ? null : change(now, before)
  const Arrow = more !== null && more < 0 ? TrendingDown : TrendingUp
  return (
    <p class="sum">
      <strong>{number(now)}</strong> {unit}
      {more !== null && (
        <span class="change" title={t().stats.before(range, number(before ?? 0))}>
          {more !== 0 && <Arrow />} {more > 0 ? '+' : ''}{percent(more)}
        </span>
      )}
    </p>
  )
}
