import { RotateCcw } from '../../ui/icons'
import { t } from '../../i18n'
import { Field } from '../../ui/field'
import type { Filters } from './filters'

interface Props {
  filters: Filters
  change: (filters: Filters) => void
  reset: () => void
  /** Names that no account has. */
  unknown: { actor: boolean; user: boolean }
}

interface ChoiceProps {
  label: string
  value: string | undefined
  names: Record<string, string>
  change: (value: string) => void
}

function Choice({ label, value = '', names, change }: ChoiceProps) {
  return (
    <Field label={label} optional>{(parts) => (
      <select {...parts} value={value} onChange={(event) => change(event.currentTarget.value)}>
        <option value="">{t().common.all}</option>
        {Object.entries(names).map(([code, name]) => <option value={code}>{name}</option>)}
      </select>
    )}</Field>
  )
}

interface AccountProps {
  label: string
  value: string | undefined
  unknown: boolean
  change: (value: string) => void
}

/** A name or a number; it counts when it is complete, that is on Enter or when the field is left. */
function Account({ label, value = '', unknown, change }: AccountProps) {
  return (
    <Field label={label} optional error={unknown ? t().audit.unknown : undefined}>{(parts) => (
      <input {...parts} key={value} defaultValue={value} placeholder={t().audit.accountHint} autocomplete="off"
        spellcheck={false} autocapitalize="off" onChange={(event) => change(event.currentTarget.value.trim())} />
    )}</Field>
  )
}

function Day({ label, value = '', change }: { label: string; value: string | undefined; change: (value: string) => void }) {
  return (
    <Field label={label} optional>{(parts) => (
      <input {...parts} type="date" value={value} onChange={(event) => change(event.currentTarget.value)} />
    )}</Field>
  )
}

export function FilterBar({ filters, change, reset, unknown }: Props) {
  const words = t().audit
  return (
    <form class="trail-filters" role="search" aria-label={words.filters} onSubmit={(event) => event.preventDefault()}>
      <Choice label={words.event} value={filters.event} names={t().events} change={(event) => change({ event })} />
      <Choice label={words.outcome} value={filters.outcome} names={t().outcomes} change={(outcome) => change({ outcome })} />
      <Account label={words.actor} value={filters.actor} unknown={unknown.actor} change={(actor) => change({ actor })} />
      <Account label={words.user} value={filters.user} unknown={unknown.user} change={(user) => change({ user })} />
      <Day label={words.from} value={filters.from} change={(from) => change({ from })} />
      <Day label={words.to} value={filters.to} change={(to) => change({ to })} />
      {Object.keys(filters).length > 0 && (
        <button type="button" class="quiet reset" onClick={reset}><RotateCcw /> {words.reset}</button>
      )}
    </form>
  )
}

