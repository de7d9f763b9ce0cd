/** The keyboard: what is registered here works from everywhere but fields and dialogs, and stands in the help. */
import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { stored } from '../stored'

export interface Shortcut {
  /** A key, or several pressed one after the other (`g u`). With `mod+` Ctrl or ⌘ is held. */
  keys: string
  label: string
  run: (event: KeyboardEvent) => void
  everywhere?: boolean
}

/** Within this time a second key belongs to the first. */
const SEQUENCE_MS = 1200

/** Keys without Ctrl or ⌘ can be switched off (WCAG 2.1.4). */
export const singleKeys = stored<'on' | 'off'>('single-keys', (text) => (text === 'off' ? 'off' : 'on'))
export const shortcuts = signal<Shortcut[]>([])

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('input:not([type=checkbox]):not([type=radio]), textarea, select') !== null

const isModal = () => document.querySelector('dialog[open]') !== null

let pending = ''
let pendingSince = 0

function pressed(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key
}

function find(keys: string): Shortcut | undefined {
  return shortcuts.value.findLast((shortcut) => shortcut.keys === keys)
}

function press(event: KeyboardEvent) {
  const key = pressed(event)
  const single = !key.startsWith('mod+')
  if (event.altKey || event.isComposing || event.defaultPrevented || isModal()) return
  if (single && (isTyping(event.target) || singleKeys.value === 'off')) return
  const sequence = pending && event.timeStamp - pendingSince < SEQUENCE_MS ? `${pending} ${key}` : key
  const shortcut = find(sequence) ?? find(key)
  pending = single && !shortcut && shortcuts.value.some(({ keys }) => keys.startsWith(`${key} `)) ? key : ''
  pendingSince = event.timeStamp
  if (!shortcut) return
  // Enter and Space on a control are the control's.
  if ((key === 'Enter' || key === ' ') && event.target instanceof Element && event.target.closest('a, button, summary')) return
  event.preventDefault()
  shortcut.run(event)
}

addEventListener('keydown', press)

/** Has these shortcuts as long as the component is there. */
export function useShortcuts(mine: Shortcut[]) {
  const current = useRef(mine)
  current.current = mine
  const shape = mine.map(({ keys, label }) => keys + label).join()
  useEffect(() => {
    const added = mine.map((shortcut, index) => ({
      ...shortcut,
      run: (event: KeyboardEvent) => current.current[index]?.run(event),
    }))
    shortcuts.value = [...shortcuts.value, ...added]
    return () => (shortcuts.value = shortcuts.value.filter((shortcut) => !added.includes(shortcut)))
  }, [shape])
}
