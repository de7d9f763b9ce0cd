import { type Document, type Parameter, type Schema, resolve } from './document'
import { Inline } from '../kit/markdown'

/** Deeper than this only the name of a type is said. */
const DEPTH = 5

const nameOf = (schema: Schema) => schema.$ref?.split('/').pop()

function typeOf(doc: Document, schema: Schema): string {
  const whole = resolve<Schema>(doc, schema)
  if (whole.const !== undefined) return JSON.stringify(whole.const)
  if (whole.anyOf) return whole.anyOf.map((one) => typeOf(doc, one)).join(' or ')
  const types = [whole.type ?? 'any'].flat()
  const kind = (type: string) =>
    type === 'array' && whole.items ? `list of ${typeOf(doc, whole.items)}` : type
  const named = nameOf(schema)
  return named && types.includes('object') ? named : types.map(kind).join(' or ')
}

/** What the schema demands beyond the type. */
function limitsOf(schema: Schema): string[] {
  const { minimum, maximum, minLength, maxLength, minItems, maxItems } = schema
  const between = (least: number | undefined, most: number | undefined, unit: string) => {
    if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`
    if (most !== undefined) return `at most ${most}${unit}`
    return least !== undefined ? `at least ${least}${unit}` : ''
  }
  return [
    schema.format && schema.format !== 'int64' ? schema.format : '',
    between(minimum, maximum, ''),
    between(minLength, maxLength, ' characters'),
    between(minItems, maxItems, ' entries'),
    schema.default !== undefined ? `${JSON.stringify(schema.default)} when left out` : '',
  ].filter(Boolean)
}

function Words({ schema }: { schema: Schema }) {
  if (!schema.enum) return null
  return <p class="words">One of {schema.enum.map((word) => [<code>{String(word)}</code>, ' '])}</p>
}

interface RowProps {
  doc: Document
  name: string
  schema: Schema
  required: boolean
  text?: string | undefined
  /** Where a parameter stands. */
  place?: string
  depth: number
}

function Row({ doc, name, schema, required, text, place, depth }: RowProps) {
  const whole = resolve<Schema>(doc, schema)
  const inner = whole.items ? resolve<Schema>(doc, whole.items) : whole
  const about = text ?? schema.description ?? whole.description
  return (
    <li>
      <code class="name">{name}</code> <span class="type">{typeOf(doc, schema)}</span>{' '}
      {required && <span class="required">required</span>}
      {place && <span class="limit">{place}</span>}
      {limitsOf({ ...whole, ...schema }).map((limit) => <span class="limit">{limit}</span>)}
      {about && <p><Inline text={about} /></p>}
      <Words schema={inner} />
      {inner.pattern && <p class="words">As <code>{inner.pattern}</code></p>}
      <Properties doc={doc} schema={inner} depth={depth + 1} />
    </li>
  )
}

/** The keys of an object, those of objects in it below them. */
export function Properties({ doc, schema, depth = 0 }: { doc: Document; schema: Schema; depth?: number }) {
  const whole = resolve<Schema>(doc, schema)
  const shapes = whole.anyOf?.map((one) => resolve<Schema>(doc, one)).filter((one) => one.properties)
  if (shapes?.length) {
    return <>{shapes.map((one) => <Properties doc={doc} schema={one} depth={depth} />)}</>
  }
  if (whole.items) return <Properties doc={doc} schema={whole.items} depth={depth} />
  if (!whole.properties || depth > DEPTH) return null
  return (
    <ul class="fields">
      {Object.entries(whole.properties).map(([name, inner]) => (
        <Row doc={doc} name={name} schema={inner} depth={depth}
          required={whole.required?.includes(name) ?? false} />
      ))}
    </ul>
  )
}

export function Parameters({ doc, list }: { doc: Document; list: Parameter[] }) {
  return (
    <ul class="fields">
      {list.map((one) => (
        <Row doc={doc} name={one.name} schema={one.schema} required={one.required ?? false}
          text={one.description} place={one.in} depth={0} />
      ))}
    </ul>
  )
}
