/** A profile as it is edited: all text, as fields hold it. */
import type { Account } from './data'

export interface Draft {
  first_name: string
  last_name: string
  email: string
  phone: string
  sex: string
  birth_date: string
  country: string
  /** An id, or '' for none. */
  city: string
  cityName: string
  timezone: string
  bio: string
  avatar: string
}

type Source = Pick<Account, 'first_name' | 'last_name' | 'email' | 'phone' | 'sex' | 'birth_date' | 'country' | 'city' | 'timezone' | 'bio' | 'avatar'>

export const draftOf = (account: Source): Draft => ({
  first_name: account.first_name,
  last_name: account.last_name,
  email: account.email,
  phone: account.phone,
  sex: account.sex ?? '',
  birth_date: account.birth_date ?? '',
  country: account.country ? String(account.country.id) : '',
  city: account.city ? String(account.city.id) : '',
  cityName: account.city?.name ?? '',
  timezone: account.timezone,
  bio: account.bio,
  avatar: account.avatar,
})

/** These are cleared with null; names are empty when they are cleared, an e-mail address cannot be. */
const CLEARED: (keyof Draft)[] = ['phone', 'sex', 'birth_date', 'country', 'city', 'bio', 'avatar']
const IDS: (keyof Draft)[] = ['country', 'city']

/** What is different, as the server takes it. */
export function changesOf(before: Draft, after: Draft): Record<string, string | number | null> {
  const changes: Record<string, string | number | null> = {}
  for (const name of Object.keys(before) as (keyof Draft)[]) {
    const value = after[name].trim()
    if (name === 'cityName' || value === before[name]) continue
    changes[name] = value === '' && CLEARED.includes(name) ? null : IDS.includes(name) ? Number(value) : value
  }
  return changes
}
