/** What accounts can be: the server's own lists, and how they are called here. */
import { useQuery } from '@tanstack/preact-query'
import type { components } from '@rollcall/client'
import { type Answer, ask } from './api'
import { language } from './i18n'
import { countryName } from './i18n/format'

type Schemas = components['schemas']
export type Category = Schemas['Category']
export type Network = Schemas['Network']
export type Code = Schemas['NotificationCode']
export type Status = Schemas['Status']
export type Role = 'user' | 'staff' | 'superuser'

export const STATUSES: readonly Status[] = ['active', 'banned', 'inactive']
export const ROLES: readonly Role[] = ['user', 'staff', 'superuser']
export const CODES: readonly Code[] = [
  'new_campaign', 'end_campaign', 'near_campaign', 'cause_campaign', 'profile_status', 'post_status', 'update_balance',
]
/** By the names that they go by themselves. */
export const NETWORKS: Record<Network, string> = {
  instagram: 'Instagram', facebook: 'Facebook', tiktok: 'TikTok', youtube: 'YouTube', x: 'X', linkedin: 'LinkedIn',
  pinterest: 'Pinterest', snapchat: 'Snapchat', twitch: 'Twitch', threads: 'Threads',
}

/** Languages that have a two-letter tag (ISO 639-1) and somebody who writes in them. */
export const LANGUAGE_TAGS = (
  'af am ar as az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ' +
  'ky lo lt lv mk ml mn mr ms mt my nb ne nl nn no pa pl ps pt ro ru sd si sk sl so sq sr sv sw ta te th tr uk ur uz vi xh yo zh zu'
).split(' ')

export interface Country { id: number; name: string }

interface Named {
  from: unknown
  tag: string
  countries: Country[]
  names: Map<number, string>
}

let named: Named | undefined

/** Named and put in order once for each language, not for each row that shows one. */
function nameAll(from: Answer<'/api/get/countries/'> | undefined): Named {
  const tag = language.value
  if (named && named.from === from && named.tag === tag) return named
  const countries = (from?.countries ?? [])
    .map(({ id, code }) => ({ id, name: countryName(code) }))
    .sort((a, b) => a.name.localeCompare(b.name, tag))
  return (named = { from, tag, countries, names: new Map(countries.map(({ id, name }) => [id, name])) })
}

/** All countries as the reader's language calls and orders them. */
export function useCountries(): Named {
  const { data } = useQuery({ queryKey: ['countries'], queryFn: () => ask('/api/get/countries/'), staleTime: Infinity })
  return nameAll(data)
}

export function CountryName({ country }: { country: Country }) {
  return <>{useCountries().names.get(country.id) ?? country.name}</>
}
