import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'

interface MenuProps {
  /** What the button shows, and its name where that is no text. */
  label: ComponentChildren
  name?: string
  class?: string
  /** Where the panel opens: below by default, above where the button is at the foot. */
  side?: 'up' | 'left'
  children: (close: () => void) => ComponentChildren
}

const STOPS = 'a, button, input, select'

/** Arrows go from one item to the next. */
function step(event: KeyboardEvent) {
  const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  if (!by || event.target instanceof HTMLSelectElement) return
  const stops = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>(STOPS)]
  const at = stops.indexOf(document.activeElement as HTMLElement)
  stops[(at + by + stops.length) % stops.length]?.focus()
  event.preventDefault()
}

/** A button with a panel that it opens: Esc, a click elsewhere and the focus going elsewhere close it. */
export function Menu({ label, name, side, children, ...rest }: MenuProps) {
  const [open, setOpen] = useState(false)
  const root = useRef<HTMLDivElement>(null)
  const close = () => setOpen(false)
  useEffect(() => {
    if (!open) return undefined
    root.current?.querySelector<HTMLElement>(`.menu-panel :is(${STOPS})`)?.focus()
    const outside = (event: Event) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) close()
    }
    document.addEventListener('pointerdown', outside)
    document.addEventListener('focusin', outside)
    return () => {
      document.removeEventListener('pointerdown', outside)
      document.removeEventListener('focusin', outside)
    }
  }, [open])
  const key = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !open) return
    event.stopPropagation()
    close()
    root.current?.querySelector('button')?.focus()
  }
  return (
    <div ref={root} class={`menu ${side ?? ''}`} onKeyDown={key}>
      <button type="button" class={rest.class} aria-expanded={open} aria-label={name} title={name}
        onClick={() => setOpen(!open)}>{label}</button>
      {open && <div class="menu-panel" onKeyDown={step}>{children(close)}</div>}
    </div>
  )
}
