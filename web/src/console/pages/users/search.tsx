import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { Search, X } from '../../ui/icons'
import { t } from '../../i18n'
import { stepRow } from '../../ui/rows'
import { useShortcuts } from '../../ui/keys'

/** Shorter than people wait for, longer than they take from letter to letter. */
const PAUSE_MS = 180

/** What is typed is asked for once the typing pauses. */
export function SearchField({ value, onValue }: { value: string; onValue: (value: string) => void }) {
  const text = useSignal(value)
  const asked = useRef(value)
  const timer = useRef(0)
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (value !== asked.current) text.value = asked.current = value // the address was changed elsewhere
  }, [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  useShortcuts([{ keys: '/', label: t().users.keys.search, run: () => input.current?.select() }])

  const ask = () => {
    clearTimeout(timer.current)
    asked.current = text.value.trim()
    if (asked.current !== value) onValue(asked.current)
  }
  const type = (typed: string) => {
    text.value = typed
    clearTimeout(timer.current)
    timer.current = setTimeout(ask, PAUSE_MS)
  }
  const clear = () => {
    text.value = ''
    ask()
    input.current?.focus()
  }
  const key = (event: KeyboardEvent) => {
    if (event.key === 'Enter') ask()
    else if (event.key === 'ArrowDown') stepRow(1)
    else if (event.key === 'Escape' && text.value) clear()
    else if (event.key === 'Escape') input.current?.blur()
    else return
    event.preventDefault()
  }
  return (
    <div class="search" role="search">
      <Search />
      <input ref={input} type="text" inputMode="search" enterKeyHint="search" aria-label={t().users.search} placeholder={t().users.searchHint}
        autocomplete="off" spellcheck={false} maxLength={200} value={text}
        onInput={(event) => type(event.currentTarget.value)} onKeyDown={key} />
      {text.value
        ? <button type="button" class="icon" aria-label={t().users.clear} onClick={clear}><X /></button>
        : <kbd aria-hidden="true">/</kbd>}
    </div>
  )
}
