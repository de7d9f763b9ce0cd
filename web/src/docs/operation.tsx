import { type Answer, type Document, type Operation } from './document'
import { Parameters, Properties } from './schema'
import { Try } from './try'
import { Inline, Markdown } from '../kit/markdown'

export const Method = ({ name }: { name: string }) => <span class={`method ${name.toLowerCase()}`}>{name}</span>

/** A path that may break behind its slashes. */
export const Path = ({ path }: { path: string }) => (
  <code class="path">{path.split(/(?<=\/)/).map((part) => [part, <wbr />])}</code>
)

interface Refusal {
  error?: string
  message?: string
  field?: string
}

function Refusals({ examples }: { examples: Record<string, { value: unknown }> }) {
  return (
    <ul class="refusals">
      {Object.values(examples).map(({ value }) => {
        const { error, message, field } = value as Refusal
        return <li><code>{error}</code> {message}{field && <> (<code>{field}</code>)</>}</li>
      })}
    </ul>
  )
}

function Answered({ doc, status, answer, open }: { doc: Document; status: string; answer: Answer; open: boolean }) {
  const media = Object.entries(answer.content ?? {})
  const json = answer.content?.['application/json']
  const refused = !/^[23]/.test(status)
  const examples = json?.example === undefined
    ? Object.values(json?.examples ?? {}).map((one) => one.value) : [json.example]
  return (
    <details open={open}>
      <summary>
        <strong class={refused ? 'bad' : 'good'}>{status}</strong> <Inline text={answer.description} />
      </summary>
      {!refused && media.length > 0 && <p class="hint">{media.map(([type]) => type).join(', ')}</p>}
      {refused && json?.examples && <Refusals examples={json.examples} />}
      {!refused && json?.schema && <Properties doc={doc} schema={json.schema} />}
      {!refused && examples.map((one) => (
        <pre tabIndex={0} role="group" aria-label="Example of an answer">{JSON.stringify(one, null, 2)}</pre>
      ))}
    </details>
  )
}

export function OperationPage({ doc, operation }: { doc: Document; operation: Operation }) {
  const { method, path, parameters, body } = operation
  return (
    <article>
      <p class="section">{operation.section}</p>
      <h1 tabIndex={-1}>{operation.title}</h1>
      <p class="line"><Method name={method} /> <Path path={path} /></p>
      <Markdown text={operation.text} />
      <p class="hint">
        {operation.guarded ? 'For callers who are signed in.' : 'For everybody, signed in or not.'}
        {' '}Surface: {operation.surfaces.join(', ')}.
      </p>
      <div class="columns">
        <div>
          {parameters.length > 0 && <><h2>Parameters</h2><Parameters doc={doc} list={parameters} /></>}
          {body?.schema && <><h2>Body</h2><Properties doc={doc} schema={body.schema} /></>}
          <h2>Answers</h2>
          {operation.answers.map(([status, answer], index) => (
            <Answered doc={doc} status={status} answer={answer} open={index === 0} />
          ))}
        </div>
        <Try key={operation.id} operation={operation} />
      </div>
    </article>
  )
}
