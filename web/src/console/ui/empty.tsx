import type { ComponentChildren, FunctionComponent } from 'preact'
import { Inbox } from 'lucide-preact'

interface EmptyProps {
  title: string
  hint?: ComponentChildren
  icon?: FunctionComponent<{ class?: string }>
  /** What one can do about it. */
  children?: ComponentChildren
}

/** In place of a list that has nothing in it: why, and what to do. */
export function Empty({ title, hint, icon: Icon = Inbox as FunctionComponent, children }: EmptyProps) {
  return (
    <div class="state">
      <Icon />
      <p class="state-title">{title}</p>
      {hint && <p>{hint}</p>}
      {children}
    </div>
  )
}
