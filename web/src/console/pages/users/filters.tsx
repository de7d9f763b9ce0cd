import { useState } from 'preact/hooks'
import { CalendarDays, ChevronDown, SlidersHorizontal } from '../../ui/icons'
import { type Category, LANGUAGE_TAGS, ROLES, STATUSES, useCountries } from '../../catalogue'
import { t } from '../../i18n'
import { day, languageName } from '../../i18n/format'
import type { Params } from '../../ui/address'
import { Menu } from '../../ui/menu'
import { FILTERS, filtersSet } from './state'

interface FiltersProps {
  params: Params
  change: (changes: Record<string, string | undefined>) => void
}

const DAY_MS = 86_400_000

interface ChoiceProps {
  label: string
  value: string | undefined
  options: [value: string, name: string][]
  onValue: (value: string) => void
}

/** One filter: says what it is and what is chosen. */
function Choice({ label, value = '', options, onValue }: ChoiceProps) {
  return (
    <label class={value ? 'choice set' : 'choice'}>
      <span>{label}</span>
      <select value={value} onChange={(event) => onValue(event.currentTarget.value)}>
        <option value="">{t().users.any}</option>
        {options.map(([one, name]) => <option key={one} value={one}>{name}</option>)}
      </select>
    </label>
  )
}

const byName = (a: [string, string], b: [string, string]) => a[1].localeCompare(b[1])

function Joined({ params, change }: FiltersProps) {
  const words = t().users
  const from = params['joined_from']
  const to = params['joined_to']
  const said = from || to ? [from && day(from), to && day(to)].map((one) => one || '…').join(' – ') : words.any
  const since = (days: number) => new Date(Date.now() - (days - 1) * DAY_MS).toISOString().slice(0, 10)
  const label = <><CalendarDays /><span class="choice-name">{words.joined}</span> {said} <ChevronDown /></>
  return (
    <Menu class={from || to ? 'choice set' : 'choice'} label={label} side="left">{(close) => (
      <>
        {[7, 30, 365].map((days) => (
          <button type="button" onClick={() => { change({ joined_from: since(days), joined_to: undefined }); close() }}>
            {words.lastDays(days)}
          </button>
        ))}
        <button type="button" onClick={() => { change({ joined_from: undefined, joined_to: undefined }); close() }}>{words.clearDates}</button>
        <hr />
        <div class="menu-settings">
          <label>{words.from}<input type="date" value={from ?? ''} max={to}
            onChange={(event) => change({ joined_from: event.currentTarget.value })} /></label>
          <label>{words.to}<input type="date" value={to ?? ''} min={from}
            onChange={(event) => change({ joined_to: event.currentTarget.value })} /></label>
        </div>
      </>
    )}</Menu>
  )
}

/** What narrows the list down. Where there is little room it opens behind a button. */
export function Filters({ params, change }: FiltersProps) {
  const [open, setOpen] = useState(false)
  const words = t()
  const { countries } = useCountries()
  const count = filtersSet(params)
  const pick = (name: (typeof FILTERS)[number]) => ({ value: params[name], onValue: (value: string) => change({ [name]: value }) })
  const clear = () => change(Object.fromEntries(FILTERS.map((name) => [name, undefined])))
  return (
    <>
      <button type="button" class="filters-button" aria-expanded={open} aria-controls="filters" onClick={() => setOpen(!open)}>
        <SlidersHorizontal /> {words.users.filters}{count > 0 && <span class="count">{count}</span>}
      </button>
      <div id="filters" class={open ? 'narrowing open' : 'narrowing'} role="group" aria-label={words.users.filters}>
        <Choice label={words.users.status} {...pick('status')} options={STATUSES.map((one) => [one, words.status[one]])} />
        <Choice label={words.users.role} {...pick('role')} options={ROLES.map((one) => [one, words.role[one]])} />
        <Choice label={words.users.country} {...pick('country')} options={countries.map(({ id, name }) => [String(id), name])} />
        <Choice label={words.users.language} {...pick('language')}
          options={LANGUAGE_TAGS.map((tag): [string, string] => [tag, languageName(tag)]).sort(byName)} />
        <Choice label={words.users.category} {...pick('category')}
          options={(Object.keys(words.categories) as Category[]).map((one) => [one, words.categories[one]])} />
        <Joined params={params} change={change} />
        {count > 0 && <button type="button" class="link" onClick={clear}>{words.users.clear}</button>}
      </div>
    </>
  )
}
