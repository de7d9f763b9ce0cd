import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { signal } from '@preact/signals'
import type { ComponentChildren } from 'preact'
import { useEffect, useId, useState } from 'preact/hooks'
import { useLocation } from 'wouter-preact'
import { theme } from '../../kit/theme'
import { ask } from '../api'
import { LANGUAGES, type Language, language, t } from '../i18n'
import { nameOf } from '../people'
import { signOut } from '../session'
import { Avatar } from '../ui/avatar'
import { Dialog } from '../ui/dialog'
import { Keyboard, Languages, LogOut, Moon } from '../ui/icons'
import { shortcuts } from '../ui/keys'
import { Keys } from './help'
import { PLACES } from './nav'

export const paletteOpen = signal(false)

interface Entry {
  id: string
  label: string
  /** What else it is found by, and shown with. */
  hint: string
  picture: ComponentChildren
  side?: ComponentChildren
  run: () => void
}

/** Letters without case and accents, as people type them. */
const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const matches = (query: string) => ({ label, hint }: Entry) => folded(`${label} ${hint}`).includes(folded(query))

function usePages(): Entry[] {
  const [, navigate] = useLocation()
  return PLACES.map(({ path, name, key, icon: Icon }) => ({
    id: name, label: t().shell[name], hint: t().palette.pages, picture: <Icon />, side: <Keys keys={`g ${key}`} />, run: () => navigate(path),
  }))
}

/** Settings, and what the page that is open can do. */
function actions(): Entry[] {
  const words = t()
  const hint = words.palette.actions
  const here = shortcuts.value.filter(({ everywhere }) => !everywhere)
  return [
    ...here.map(({ keys, label, run }) => ({
      id: `key-${keys}`, label, hint, picture: <Keyboard />, side: <Keys keys={keys} />, run: () => run(new KeyboardEvent('keydown')),
    })),
    ...(['auto', 'light', 'dark'] as const).map((one) => ({
      id: `theme-${one}`, label: `${words.shell.theme}: ${words.shell.themes[one]}`, hint, picture: <Moon />, run: () => (theme.value = one),
    })),
    ...(Object.keys(LANGUAGES) as Language[]).map((tag) => ({
      id: `language-${tag}`, label: `${words.shell.language}: ${LANGUAGES[tag]}`, hint, picture: <Languages />, run: () => (language.value = tag),
    })),
    { id: 'out', label: words.shell.signOut, hint, picture: <LogOut />, run: () => void signOut() },
    { id: 'out-all', label: words.shell.signOutEverywhere, hint, picture: <LogOut />, run: () => void signOut({ everywhere: true }) },
  ]
}

const PAUSE_MS = 180

/** What was typed, once the typing pauses. */
function usePaused(text: string): string {
  const [paused, setPaused] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setPaused(text), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [text])
  return paused
}

function useFoundUsers(query: string): Entry[] {
  const [, navigate] = useLocation()
  const q = usePaused(query)
  const { data } = useQuery({
    queryKey: ['users', { q, limit: 6 }],
    queryFn: ({ signal }) => ask('/api/users/', { q, page: 1, limit: 6 }, { signal }),
    enabled: q.length > 1,
    placeholderData: keepPreviousData,
  })
  if (query.length < 2) return []
  return (data?.users ?? []).map((user) => ({
    id: `user-${user.id}`, label: nameOf(user), hint: `@${user.username}`, picture: <Avatar id={user.id} name={nameOf(user)} size="small" />,
    run: () => navigate(`/users/${user.id}`),
  }))
}

function Row({ id, entry, here, point, run }: { id: string; entry: Entry; here: boolean; point: () => void; run: () => void }) {
  return (
    <li id={id} role="option" aria-selected={here} onMouseMove={point} onClick={run}
      ref={(row) => { if (here) row?.scrollIntoView({ block: 'nearest' }) }}>
      {entry.picture} <span class="grow cut">{entry.label}</span> <span class="soft">{entry.hint}</span> {entry.side}
    </li>
  )
}

function PaletteDialog() {
  const [query, setQuery] = useState('')
  const [at, setAt] = useState(0)
  const id = useId()
  const text = query.trim()
  const pages = usePages()
  const users = useFoundUsers(text)
  const found = text ? [...[...pages, ...actions()].filter(matches(text)), ...users] : pages
  const close = () => (paletteOpen.value = false)
  const run = (entry: Entry | undefined) => {
    if (!entry) return
    close()
    setTimeout(entry.run) // when the focus is back where it was
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
        aria-label={t().palette.title} placeholder={t().palette.placeholder} value={query} spellcheck={false}
        {...(found[at] ? { 'aria-activedescendant': `${id}-${at}` } : {})}
        onKeyDown={key} onInput={(event) => { setQuery(event.currentTarget.value); setAt(0) }} />
      <ul class="palette-list" role="listbox" id={`${id}-list`} aria-label={t().palette.title}>
        {found.map((entry, index) => (
          <Row key={entry.id} id={`${id}-${index}`} entry={entry} here={index === at} point={() => setAt(index)} run={() => run(entry)} />
        ))}
      </ul>
      {!found.length && <p class="hint" role="status">{t().palette.empty(query)}</p>}
    </Dialog>
  )
}

export const Palette = () => (paletteOpen.value ? <PaletteDialog /> : null)
