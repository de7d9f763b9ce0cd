import type { ComponentChildren } from 'preact'
import type { Icon } from './icon'
import { Inbox } from './icons'

interface EmptyProps {
  title: string
  hint?: ComponentChildren
  icon?: Icon
  /** What one can do about it. */
  children?: ComponentChildren
}

/** In place of a list that has nothing in it: why, and what to do. */
export function Empty({ title, hint, icon: Picture = Inbox, children }: EmptyProps) {
  return (
    <div class="state">
      <Picture />
      <p class="state-title">{title}</p>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  )
}
