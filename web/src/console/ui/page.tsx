import type { ComponentChildren } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import { t } from '../i18n'

interface PageProps {
  title: string
  /** Behind the title: a count, a state. */
  aside?: ComponentChildren
  actions?: ComponentChildren
  /** Above the title: the way back. */
  before?: ComponentChildren
  /** In place of the line with the title, which it has to draw itself (PageTitle). */
  head?: ComponentChildren
  children: ComponentChildren
}

/** False until the first page stands: the focus is moved when one goes to another page, not when the first comes. */
let arrived = false
/** Whoever goes back is where they were, which the browser sees to. */
let back = false
addEventListener('popstate', () => (back = true))

/** The page's heading. Going to a page puts the focus on it, as a new document would. */
export function PageTitle({ title }: { title: string }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    if (arrived) heading.current?.focus({ preventScroll: true })
    if (!back) scrollTo(0, 0)
    arrived = true
    back = false
  }, [])
  return <h1 ref={heading} tabIndex={-1}>{title}</h1>
}

export function Page({ title, aside, actions, before, head, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · ${t().common.brand}`
  }, [title])
  return (
    <>
      {before}
      {head ?? (
        <div class="page-head">
          <PageTitle title={title} />
          {aside}
          <span class="grow" />
          {actions}
        </div>
      )}
      {children}
    </>
  )
}
