import { useEffect, useRef } from 'preact/hooks'
import { List } from './list'
import { OperationPage } from './operation'
import { current, doc, menu, operations, trouble } from './state'
import { Markdown } from '../kit/markdown'
import { ThemeButton } from '../kit/theme'

function Introduction() {
  const info = doc.value?.info
  if (!info) return null
  return (
    <article>
      <h1 tabIndex={-1}>{info.title} API</h1>
      <p class="hint">
        Version {info.version}, {operations.value.length} operations.{' '}
        <a href="/openapi.json">As OpenAPI 3.1</a>
      </p>
      <Markdown text={info.description} />
    </article>
  )
}

function Main() {
  const operation = current.value
  const main = useRef<HTMLElement>(null)
  const first = useRef(true)
  useEffect(() => {
    document.title = operation ? `${operation.title} · rollcall API` : 'rollcall API'
    if (!first.current || operation) main.current?.querySelector('h1')?.focus({ preventScroll: true })
    if (!first.current) scrollTo(0, 0)
    if (doc.value) first.current = false
  }, [operation, doc.value])
  return (
    <main ref={main} id="main" tabIndex={-1} aria-busy={!doc.value && !trouble.value}>
      {trouble.value && <p class="bad" role="alert">{trouble.value}</p>}
      {!doc.value && !trouble.value && <p class="hint">Loading…</p>}
      {doc.value && (operation ? <OperationPage doc={doc.value} operation={operation} /> : <Introduction />)}
    </main>
  )
}

const skip = (event: Event) => {
  event.preventDefault() // the fragment is the operation's
  document.getElementById('main')?.focus()
}

export function App() {
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>Skip to the text</a>
      <header>
        <a class="brand" href="#">rollcall <span>API</span></a>
        <button type="button" class="quiet menu" aria-expanded={menu.value} aria-controls="list"
          onClick={() => (menu.value = !menu.value)}>Operations</button>
        <ThemeButton />
      </header>
      <div class={menu.value ? 'frame open' : 'frame'}>
        <List reveal={() => (menu.value = true)} />
        <Main />
      </div>
    </>
  )
}
