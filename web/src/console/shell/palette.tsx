import { signal } from '@preact/signals'
import { useId, useState } from 'preact/hooks'
import type { Icon } from '../ui/icon'
import { Keyboard, Languages, LogOut, Moon } from '../ui/icons'
import { useLocation } from 'wouter-preact'
import { nextTheme } from '../../kit/theme'
import { language, t } from '../i18n'
import { signOut } from '../session'
import { Dialog } from '../ui/dialog'
import { helpOpen } from './help'
import { PLACES } from './nav'

export const paletteOpen = signal(false)

interface Entry {
  id: string
  group: string
  label: string
  hint?: string
  icon: Icon
  run: () => void
}

function useEntries(): Entry[] {
  const [, navigate] = useLocation()
  const words = t()
  const actions = words.palette.actions
  return [
    ...PLACES.map(({ path, name, icon }) => ({
      id: name, group: words.palette.pages, label: words.shell[name], icon: icon, run: () => navigate(path),
    })),
    { id: 'theme', group: actions, label: words.shell.theme, icon: Moon, run: nextTheme },
    { id: 'language', group: actions, label: words.shell.language, icon: Languages,
      run: () => (language.value = language.value === 'en' ? 'es' : 'en') },
    { id: 'help', group: actions, label: words.shell.shortcuts, icon: Keyboard, run: () => (helpOpen.value = true) },
    { id: 'out', group: actions, label: words.shell.signOut, icon: LogOut, run: () => void signOut() },
  ]
}

/** Letters without case and accents, as people type them. */
const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()

function PaletteDialog() {
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const id = useId()
  const found = useEntries().filter(({ label }) => folded(label).includes(folded(query.trim())))
  const close = () => (paletteOpen.value = false)
  const run = (entry: Entry | undefined) => {
    if (!entry) return
    close()
    entry.run()
  }
  const key = (event: KeyboardEvent) => {
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by) setAt((at + by + found.length) % Math.max(found.length, 1))
    else if (event.key === 'Enter') run(found[at])
    else return
    event.preventDefault()
  }
  return (
    <Dialog title={t().palette.title} kind="palette" onClose={close}>
      <input class="palette-input" type="text" role="combobox" aria-expanded aria-controls={`${id}-list`} autocomplete="off"
        aria-label={t().palette.title} placeholder={t().palette.placeholder} value={query} data-first spellcheck={false}
        {...(found[at] ? { 'aria-activedescendant': `${id}-${found[at].id}` } : {})}
        onKeyDown={key} onInput={(event) => { setQuery(event.currentTarget.value); setAt(0) }} />
      <ul class="palette-list" role="listbox" id={`${id}-list`} aria-label={t().palette.title}>
        {found.map((entry, index) => (
          <li key={entry.id} id={`${id}-${entry.id}`} role="option" aria-selected={index === at}
            onMouseMove={() => setAt(index)} onClick={() => run(entry)}>
            <entry.icon /> <span class="grow">{entry.label}</span> <span class="soft">{entry.group}</span>
          </li>
        ))}
      </ul>
      {!found.length && <p class="hint">{t().palette.empty(query)}</p>}
    </Dialog>
  )
}

export const Palette = () => (paletteOpen.value ? <PaletteDialog /> : null)
