/** Which users the list shows: what stands in the address, and the question to the server that it makes. */
import type { components } from '@rollcall/client'
import type { Body } from '../../api'
import { ROLES, STATUSES } from '../../catalogue'
import type { Params } from '../../ui/address'

export type User = components['schemas']['Account']
export type Question = Body<'/api/users/'>

export const FILTERS = ['status', 'role', 'country', 'language', 'category', 'joined_from', 'joined_to'] as const
export type Filter = (typeof FILTERS)[number]

export const SORTS = ['-joined', 'joined', 'username', '-username', 'first_name', '-first_name', 'last_name', '-last_name'] as const
export const SORT = '-joined'
export const LIMIT = 25

const DATE = /^\d{4}-\d{2}-\d{2}$/
const natural = (text: string | undefined, otherwise: number) => (/^[1-9]\d{0,9}$/.test(text ?? '') ? Number(text) : otherwise)
const oneOf = <Word extends string>(words: readonly Word[], text: string | undefined) => words.find((word) => word === text)
const match = (pattern: RegExp, text: string | undefined) => (text && pattern.test(text) ? text : undefined)

/** What an address says, without what makes no sense in it. */
export function questionOf(params: Params): Question & { page: number; limit: number } {
  const country = natural(params['country'], 0)
  const filters = {
    q: params['q'],
    status: oneOf(STATUSES, params['status']),
    role: oneOf(ROLES, params['role']),
    country: country || undefined,
    language: match(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, params['language']),
    category: match(/^[a-z_]+$/, params['category']),
    joined_from: match(DATE, params['joined_from']),
    joined_to: match(DATE, params['joined_to']),
    sort: oneOf(SORTS, params['sort']),
  }
  const given = Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined && value !== ''))
  return { ...given, page: natural(params['page'], 1), limit: Math.min(100, natural(params['limit'], LIMIT)) }
}

/** How many filters are set; the two ends of a span of time are one. */
export const filtersSet = (params: Params) =>
  FILTERS.filter((name) => params[name] && !(name === 'joined_to' && params['joined_from'])).length
