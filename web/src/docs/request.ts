/** A request as somebody fills it in, and what comes of it. */
import type { Operation } from './document'

export interface Filled {
  /** What was typed, by name of the parameter; nothing typed is nothing sent. */
  values: Record<string, string>
  body: string
  token: string
}

export interface Prepared {
  method: string
  target: string
  headers: Record<string, string>
  body: string | undefined
}

export interface Outcome {
  status: number
  phrase: string
  milliseconds: number
  headers: [name: string, value: string][]
  body: string
  /** The access token in it, when it opened a session. */
  access: string | undefined
}

export function prepare(operation: Operation, filled: Filled): Prepared {
  const query = new URLSearchParams()
  const headers: Record<string, string> = { Accept: 'application/json' }
  let target = operation.path
  for (const { name, in: place } of operation.parameters) {
    const value = filled.values[name] ?? ''
    if (place === 'path') target = target.replace(`{${name}}`, encodeURIComponent(value))
    else if (value && place === 'query') query.append(name, value)
    else if (value) headers[name] = value
  }
  if (query.size) target += `?${query}`
  if (filled.token) headers['Authorization'] = `Bearer ${filled.token}`
  const body = operation.body && filled.body.trim() ? filled.body : undefined
  if (body) headers['Content-Type'] = 'application/json'
  return { method: operation.method, target, headers, body }
}

/** For a shell: every character stands for itself. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** The same request for a terminal; the token is left to a variable, as this is copied around. */
export function curl(request: Prepared, origin: string): string {
  const words = [`curl ${request.method === 'GET' ? '' : `-X ${request.method} `}${quoted(origin + request.target)}`]
  for (const [name, value] of Object.entries(request.headers)) {
    const secret = name === 'Authorization'
    words.push(`-H ${secret ? '"Authorization: Bearer $TOKEN"' : quoted(`${name}: ${value}`)}`)
  }
  if (request.body) words.push(`--data-raw ${quoted(request.body)}`)
  return words.join(' \\\n  ')
}

function pretty(text: string): { body: string; access?: string } {
  try {
    const value = JSON.parse(text) as unknown
    const access = (value as { access?: unknown } | null)?.access
    const body = JSON.stringify(value, null, 2)
    return typeof access === 'string' ? { body, access } : { body }
  } catch {
    return { body: text }
  }
}

export async function send(request: Prepared): Promise<Outcome> {
  const { method, headers, body } = request
  const began = performance.now()
  const answer = await fetch(request.target, {
    method,
    headers,
    cache: 'no-store',
    redirect: 'error',
    ...(body === undefined ? {} : { body }),
  })
  const text = await answer.text()
  const shown = pretty(text)
  return {
    status: answer.status,
    phrase: answer.statusText,
    milliseconds: Math.round(performance.now() - began),
    headers: [...answer.headers],
    body: shown.body,
    access: shown.access,
  }
}
