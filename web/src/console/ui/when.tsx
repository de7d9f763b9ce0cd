import { exact, relative } from '../i18n/format'
import { t } from '../i18n'

/** A moment as people speak of it; the exact one on pointing at it. */
export function When({ time }: { time: string | null | undefined }) {
  if (!time) return <span class="soft">{t().common.never}</span>
  return <time dateTime={time} title={exact(time)}>{relative(time)}</time>
}
