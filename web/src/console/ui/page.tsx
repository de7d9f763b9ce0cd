import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n'

interface PageProps {
  title: string
  /** Behind the title: a count, a state. */
  aside?: ComponentChildren
  actions?: ComponentChildren
  children: ComponentChildren
}

/** False until the first page stands: the focus is moved when one goes to another page, not when the first comes. */
let arrived = false

/** A page of the console. Going there puts the focus on its title, as a new document would. */
export function Page({ title, aside, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (arrived) heading.current?.focus({ preventScroll: true })
    arrived = true
    scrollTo(0, 0)
  }, [])
  useEffect(() => {
    document.title = `${title} · ${t().common.brand}`
  }, [title])
  return (
    <>
      <div class="page-head">
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        {aside}
        <span class="grow" />
        {actions}
      </div>
      {children}
    </>
  )
}
