/** What of the trail is shown: in the address, and as the server takes it. */
import type { Params } from '../../ui/address'
import type { Question } from './trail'

export const FILTERS = ['event', 'outcome', 'actor', 'user', 'from', 'to'] as const
export type Filter = (typeof FILTERS)[number]
export type Filters = Partial<Record<Filter, string>>

const DATE = /^\d{4}-\d{2}-\d{2}$/

export function filtersOf(params: Params): Filters {
  const found: Filters = {}
  for (const name of FILTERS) if (params[name]) found[name] = params[name]
  return found
}

/** An account as people write it down: `#17` and `17` are an id, all else is a name. */
export function accountOf(text: string): { id: number } | { username: string } | null {
  const written = text.trim()
  if (!written) return null
  const id = Number(/^#?(\d{1,15})$/.exec(written)?.[1] ?? NaN)
  return id > 0 ? { id } : { username: written.replace(/^@/, '') }
}

/** The question to the server, once names have become ids. Dates that are none are left out. */
export function questionOf(filters: Filters, actor?: number, user?: number): Question {
  const date = (text: string | undefined) => (text && DATE.test(text) ? text : undefined)
  const all = {
    event: filters.event,
    outcome: filters.outcome,
    actor_id: actor,
    user_id: user,
    from: date(filters.from),
    to: date(filters.to),
  }
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Question
}
