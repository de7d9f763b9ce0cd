import { signal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { CircleAlert, CircleCheck, X } from './icons'
import { t } from '../i18n'
import { describe } from './trouble'

interface Toast {
  id: number
  text: string
  bad: boolean
  undo?: (() => void) | undefined
}

/** Long enough to read it and to reach its button; while somebody points at them they stay. */
const STAYS_MS = 8000

const toasts = signal<Toast[]>([])
const held = signal(false)
let last = 0

const dismiss = (id: number) => (toasts.value = toasts.value.filter((toast) => toast.id !== id))

function show(toast: Omit<Toast, 'id'>) {
  toasts.value = [...toasts.value.slice(-2), { ...toast, id: ++last }]
}

/** Says that something was done; with `undo`, offers to take it back. */
export const toast = (text: string, undo?: () => void) => show({ text, bad: false, undo })
/** Says why something was not done. */
export const toastProblem = (problem: unknown) => show({ text: describe(problem), bad: true })

function Item({ toast: { id, text, bad, undo } }: { toast: Toast }) {
  useEffect(() => {
    if (held.value) return undefined
    const timer = setTimeout(() => dismiss(id), STAYS_MS)
    return () => clearTimeout(timer)
  }, [held.value])
  const take = () => {
    dismiss(id)
    undo?.()
  }
  return (
    <li class={bad ? 'toast bad' : 'toast'}>
      {bad ? <CircleAlert class="bad" /> : <CircleCheck class="good" />}
      <span>{text}</span>
      {undo && <button type="button" class="link" onClick={take}>{t().common.undo}</button>}
      <button type="button" class="icon" aria-label={t().common.close} onClick={() => dismiss(id)}><X /></button>
    </li>
  )
}

export function Toasts() {
  const region = useRef<HTMLDivElement>(null)
  const count = toasts.value.length
  useEffect(() => {
    // Shown anew it is above a dialog that was opened meanwhile.
    region.current?.hidePopover()
    if (count) region.current?.showPopover()
  }, [count])
  const hold = () => (held.value = true)
  const release = () => (held.value = false)
  return (
    <div ref={region} popover="manual" class="toasts" role="region" aria-label={t().shell.notifications}
      onMouseEnter={hold} onMouseLeave={release} onFocusIn={hold} onFocusOut={release}>
      <ul aria-live="polite">{toasts.value.map((one) => <Item key={one.id} toast={one} />)}</ul>
    </div>
  )
}
