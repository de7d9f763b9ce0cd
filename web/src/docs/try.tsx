import { batch, signal, useSignal } from '@preact/signals'
import type { Operation, Parameter } from './document'
import { type Filled, type Outcome, curl, prepare, send } from './request'

/** For all operations, until the page is left: it is kept nowhere else. */
const token = signal('')

interface FieldProps {
  parameter: Parameter
  value: string
  set: (value: string) => void
}

function Field({ parameter, value, set }: FieldProps) {
  const id = `field-${parameter.name}`
  const once = parameter.name === 'Idempotency-Key'
  return (
    <div class="field">
      <label for={id}>
        <code>{parameter.name}</code> <span class="type">{parameter.in}</span>
      </label>
      <input id={id} value={value} required={parameter.required ?? false} autocomplete="off"
        spellcheck={false} onInput={(event) => set(event.currentTarget.value)} />
      {once && <button type="button" onClick={() => set(crypto.randomUUID())}>Random</button>}
    </div>
  )
}

function Token() {
  return (
    <div class="field">
      <label for="token">Access token</label>
      <input id="token" type="password" value={token.value} autocomplete="off" spellcheck={false}
        placeholder="none" aria-describedby="token-hint"
        onInput={(event) => (token.value = event.currentTarget.value.trim())} />
      <p class="hint" id="token-hint">
        Sign in below “Sign-in” to get one. Without it your browser's session cookie counts, if there is one.
      </p>
    </div>
  )
}

function Answered({ outcome }: { outcome: Outcome }) {
  const good = outcome.status < 400
  return (
    <>
      <p class="status">
        <strong class={good ? 'good' : 'bad'}>{outcome.status} {outcome.phrase}</strong>{' '}
        in {outcome.milliseconds} ms
      </p>
      {outcome.access && (
        <button type="button" onClick={() => (token.value = outcome.access ?? '')}>
          {token.value === outcome.access ? 'Token is in use' : 'Use this access token'}
        </button>
      )}
      <pre tabIndex={0} role="group" aria-label="Body of the answer" class="answer">{outcome.body || '(no body)'}</pre>
      <details>
        <summary>Headers of the answer</summary>
        <pre tabIndex={0} role="group" aria-label="Headers">{outcome.headers.map(([name, value]) => `${name}: ${value}`).join('\n')}</pre>
      </details>
    </>
  )
}

export function Try({ operation }: { operation: Operation }) {
  const values = useSignal<Record<string, string>>({})
  const body = useSignal(operation.body ? JSON.stringify(operation.body.example, null, 2) : '')
  const outcome = useSignal<Outcome | undefined>(undefined)
  const trouble = useSignal('')
  const busy = useSignal(false)
  const filled: Filled = { values: values.value, body: body.value, token: token.value }
  const request = prepare(operation, filled)

  async function submit(event: Event) {
    event.preventDefault()
    if (busy.value) return
    batch(() => {
      busy.value = true
      trouble.value = ''
    })
    try {
      outcome.value = await send(request)
    } catch {
      outcome.value = undefined
      trouble.value = 'No answer: the server could not be reached, or has refused the connection.'
    }
    busy.value = false
  }

  return (
    <section class="try" aria-labelledby="try">
      <h2 id="try">Try it</h2>
      {operation.method !== 'GET' && <p class="hint">This is the real server: what is sent is done.</p>}
      <form onSubmit={submit}>
        <Token />
        {operation.parameters.map((parameter) => (
          <Field parameter={parameter} value={values.value[parameter.name] ?? ''}
            set={(value) => (values.value = { ...values.value, [parameter.name]: value })} />
        ))}
        {operation.body && (
          <div class="field">
            <label for="body">Body <span class="type">application/json</span></label>
            <textarea id="body" value={body.value} spellcheck={false}
              rows={Math.min(16, body.value.split('\n').length + 1)}
              onInput={(event) => (body.value = event.currentTarget.value)} />
          </div>
        )}
        <button type="submit" class="primary" aria-disabled={busy.value}>
          {busy.value ? 'Sending…' : 'Send'}
        </button>
      </form>
      <h3>Request</h3>
      <pre tabIndex={0} role="group" aria-label="The request as a command" class="request">{curl(request, location.origin)}</pre>
      <div role="status">
        {(outcome.value || trouble.value) && <h3>Answer</h3>}
        {trouble.value && <p class="bad">{trouble.value}</p>}
        {outcome.value && <Answered outcome={outcome.value} />}
      </div>
    </section>
  )
}
