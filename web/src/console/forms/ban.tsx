/** How a ban is entered, for one user and for many. */
import { useSignal } from '@preact/signals'
import { t } from '../i18n'
import { time } from '../i18n/format'
import { Field } from '../ui/field'

export interface Ban {
  reason: string
  /** When it lifts itself (RFC 3339); without it, when somebody lifts it. */
  until?: string
}

export const LENGTHS = ['forever', 'day', 'week', 'month', 'year', 'custom'] as const
export type Length = (typeof LENGTHS)[number]

const DAYS: Partial<Record<Length, number>> = { day: 1, week: 7, month: 30, year: 365 }
const DAY_MS = 86_400_000

const rfc3339 = (moment: number) => new Date(moment).toISOString().replace(/\.\d+/, '')

/** The moment that a length ends at; undefined: never, or not said yet. `custom` is what the field for it holds, in the reader's own zone. */
export function endOf(length: Length, custom: string, now = Date.now()): string | undefined {
  const days = DAYS[length]
  if (days) return rfc3339(now + days * DAY_MS)
  const moment = length === 'custom' ? new Date(custom).getTime() : NaN
  return Number.isNaN(moment) ? undefined : rfc3339(moment)
}

export interface BanForm {
  /** What was entered; undefined, and said at its field, when something is missing. */
  check: () => Ban | undefined
  fields: () => preact.JSX.Element
}

export function useBanForm(): BanForm {
  const reason = useSignal('')
  const length = useSignal<Length>('forever')
  const custom = useSignal('')
  const tried = useSignal(false)
  const end = () => endOf(length.value, custom.value)
  const isPast = () => length.value === 'custom' && !(new Date(custom.value).getTime() > Date.now())

  function check(): Ban | undefined {
    tried.value = true
    const until = end()
    if (!reason.value.trim() || isPast()) return undefined
    return { reason: reason.value.trim(), ...(until ? { until } : {}) }
  }

  function fields() {
    const words = t().ban
    const until = end()
    return (
      <>
        <Field label={words.reason} hint={words.reasonHint} error={tried.value && !reason.value.trim() ? words.reasonMissing : undefined}>{(parts) => (
          <textarea {...parts} rows={3} maxLength={1000} value={reason.value} data-first
            onInput={(event) => (reason.value = event.currentTarget.value)} />
        )}</Field>
        <div class="fields">
          <Field label={words.until} hint={until ? words.ends(time(until)) : length.value === 'custom' ? '' : words.endsNever}>{(parts) => (
            <select {...parts} value={length.value} onChange={(event) => (length.value = event.currentTarget.value as Length)}>
              {LENGTHS.map((one) => <option key={one} value={one}>{words.lengths[one]}</option>)}
            </select>
          )}</Field>
          {length.value === 'custom' && (
            <Field label={words.untilDate} error={tried.value && isPast() ? words.untilPast : undefined}>{(parts) => (
              <input {...parts} type="datetime-local" value={custom.value} onInput={(event) => (custom.value = event.currentTarget.value)} />
            )}</Field>
          )}
        </div>
      </>
    )
  }
  return { check, fields }
}
