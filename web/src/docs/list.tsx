import { useEffect, useRef } from 'preact/hooks'
import type { Operation } from './document'
import { Method } from './operation'
import { current, doc, found, operations, query } from './state'

const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('input, textarea, select') !== null

/** `/` puts the cursor into the search, from anywhere but a field. */
function useSlash(focus: () => void) {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      event.preventDefault()
      focus()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  }, [])
}

/** Arrows go from link to link, and back up into the search. */
function step(event: KeyboardEvent) {
  const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
  const nav = event.currentTarget as HTMLElement
  if (!by) return
  const stops = [...nav.querySelectorAll<HTMLElement>('input, a')]
  stops[stops.indexOf(document.activeElement as HTMLElement) + by]?.focus()
  event.preventDefault()
}

function Entry({ operation }: { operation: Operation }) {
  const here = current.value === operation
  return (
    <li>
      <a href={`#${operation.id}`} title={operation.path} {...(here ? { 'aria-current': 'page' as const } : {})}>
        <Method name={operation.method} /> <span>{operation.title}</span>
      </a>
    </li>
  )
}

function Sections() {
  return (
    <>
      {doc.value?.tags.map(({ name }) => (
        <section>
          <h2>{name}</h2>
          <ul>{operations.value.filter((one) => one.section === name).map((one) => (
            <Entry key={one.id} operation={one} />
          ))}</ul>
        </section>
      ))}
    </>
  )
}

function Found() {
  return <ul>{found.value.map((one) => <Entry key={one.id} operation={one} />)}</ul>
}

export function List({ reveal }: { reveal: () => void }) {
  const input = useRef<HTMLInputElement>(null)
  useSlash(() => {
    reveal()
    input.current?.focus()
    input.current?.select()
  })
  function key(event: KeyboardEvent) {
    const first = found.value[0]
    if (event.key === 'Escape') query.value = ''
    if (event.key === 'Enter' && query.value && first) location.hash = first.id
  }
  return (
    <nav id="list" aria-label="Operations" onKeyDown={step}>
      <label for="search">Search <kbd>/</kbd></label>
      <input id="search" ref={input} type="search" value={query.value} autocomplete="off"
        spellcheck={false} onKeyDown={key} onInput={(event) => (query.value = event.currentTarget.value)} />
      <p class="hint" role="status">
        {query.value.trim() ? `${found.value.length} of ${operations.value.length}` : ''}
      </p>
      {query.value.trim() ? <Found /> : <Sections />}
    </nav>
  )
}
