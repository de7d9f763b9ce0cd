/** What /openapi.json has in it, as far as the page shows it, and how to find one's way around. */

export interface Schema {
  $ref?: string
  description?: string
  type?: string | string[]
  format?: string
  enum?: unknown[]
  const?: unknown
  default?: unknown
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: boolean | Schema
  anyOf?: Schema[]
  minimum?: number
  maximum?: number
  minLength?: number
  maxLength?: number
  minItems?: number
  maxItems?: number
  pattern?: string
}

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required?: boolean
  description?: string
  schema: Schema
}

export interface Media {
  schema?: Schema
  example?: unknown
  examples?: Record<string, { value: unknown }>
}

export interface Answer {
  description: string
  headers?: Record<string, unknown>
  content?: Record<string, Media>
}

interface Reference {
  $ref: string
}

interface RawOperation {
  tags: string[]
  operationId: string
  summary: string
  description: string
  security: Record<string, string[]>[]
  parameters?: (Parameter | Reference)[]
  requestBody?: { required?: boolean; content: Record<string, Media> }
  responses: Record<string, Answer | Reference>
  'x-surfaces'?: string[]
}

export interface Document {
  info: { title: string; version: string; description: string }
  tags: { name: string; description: string }[]
  paths: Record<string, Record<string, RawOperation>>
  components: Record<string, Record<string, unknown>>
}

/** An endpoint with all that it refers to on its first level looked up. */
export interface Operation {
  id: string
  method: string
  path: string
  section: string
  title: string
  text: string
  /** Whether it answers nobody who is not signed in. */
  guarded: boolean
  parameters: Parameter[]
  body: Media | undefined
  answers: [status: string, answer: Answer][]
  surfaces: string[]
}

/** Follows a `$ref`; what is none comes back as it is. */
export function resolve<T extends object>(doc: Document, part: T | Reference): T {
  if (!('$ref' in part) || typeof part.$ref !== 'string') return part as T
  let node: unknown = doc
  for (const key of part.$ref.split('/').slice(1)) node = (node as Record<string, unknown>)[key]
  return resolve(doc, node as T)
}

export function operationsOf(doc: Document): Operation[] {
  return Object.entries(doc.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]) => ({
      id: raw.operationId,
      method: method.toUpperCase(),
      path,
      section: raw.tags[0] ?? '',
      title: raw.summary,
      text: raw.description,
      guarded: !raw.security.some((way) => Object.keys(way).length === 0),
      parameters: (raw.parameters ?? []).map((one) => resolve<Parameter>(doc, one)),
      body: raw.requestBody?.content['application/json'],
      answers: Object.entries(raw.responses).map(
        ([status, answer]): [string, Answer] => [status, resolve<Answer>(doc, answer)],
      ),
      surfaces: raw['x-surfaces'] ?? [],
    })),
  )
}
