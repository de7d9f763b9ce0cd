import { t } from '../i18n'

/** Grey lines where text is going to be, of the widths that such text has. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  const widths = [62, 88, 45, 74, 56]
  return (
    <div class="skeleton" role="status" aria-label={t().common.loading}>
      {Array.from({ length: lines }, (_, line) => (
        <span class="bone" style={{ width: `${widths[line % widths.length]}%` }} />
      ))}
    </div>
  )
}
