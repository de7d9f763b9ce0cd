import { Columns3 } from '../../ui/icons'
import { Link } from 'wouter-preact'
import { CountryName } from '../../catalogue'
import { t } from '../../i18n'
import { date, languageName, number, time } from '../../i18n/format'
import { recall, remember } from '../../stored'
import { Avatar } from '../../ui/avatar'
import { Menu } from '../../ui/menu'
import { roleOf, RoleBadge, StatusBadge } from '../../ui/standing'
import type { Column } from '../../ui/table'
import { When } from '../../ui/when'
import { type User } from './state'
import { nameOf } from '../../people'

function Identity({ user }: { user: User }) {
  const name = nameOf(user)
  return (
    <Link href={`/users/${user.id}`} class="who" data-row={user.id}>
      <Avatar id={user.id} name={name} />
      <span class="who-name"><strong>{name}</strong> <span class="soft">@{user.username}</span></span>
      <RoleBadge {...user} />
    </Link>
  )
}

function Standing({ user }: { user: User }) {
  const ends = user.banned_until ? time(user.banned_until) : undefined
  return <span title={ends && t().ban.ends(ends)}><StatusBadge status={user.status} /></span>
}

const soft = (text: string | null | undefined) => text || <span class="soft">–</span>

/** All columns there are; the first is always shown. */
export const columns = (): Column<User>[] => {
  const words = t()
  const names = words.users.columns
  return [
    { id: 'user', label: names.user, sort: 'username', cell: (user) => <Identity user={user} /> },
    { id: 'id', label: names.id, end: true, cell: ({ id }) => number(id) },
    { id: 'email', label: names.email, cell: ({ email }) => <span class="cut mid">{email}</span> },
    { id: 'status', label: names.status, class: 'keep', cell: (user) => <Standing user={user} /> },
    { id: 'role', label: names.role, cell: (user) => words.role[roleOf(user)] },
    { id: 'country', label: names.country, cell: ({ country }) => (country ? <CountryName country={country} /> : soft('')) },
    { id: 'city', label: names.city, cell: ({ city }) => soft(city?.name) },
    { id: 'language', label: names.language, cell: ({ language }) => languageName(language) },
    { id: 'sex', label: names.sex, cell: ({ sex }) => soft(sex && words.sex[sex]) },
    { id: 'phone', label: names.phone, cell: ({ phone }) => soft(phone) },
    { id: 'joined', label: names.joined, sort: 'joined', cell: ({ date_joined }) => <time dateTime={date_joined}>{date(date_joined)}</time> },
    { id: 'last_login', label: names.last_login, cell: ({ last_login }) => <When time={last_login} /> },
    { id: 'followers', label: names.followers, end: true, cell: ({ followers_count }) => number(followers_count) },
    { id: 'following', label: names.following, end: true, cell: ({ following_count }) => number(following_count) },
  ]
}

const USUAL = 'email,status,country,joined,last_login,followers'
const KEY = 'users-columns'

/** The columns that the address asks for, else those that were chosen last, else the usual ones. */
export function shown(asked: string | undefined): Set<string> {
  return new Set(['user', ...(asked ?? recall(KEY) ?? USUAL).split(',')])
}

interface ChooserProps {
  asked: string | undefined
  change: (changes: { columns: string | undefined }) => void
}

export function ColumnChooser({ asked, change }: ChooserProps) {
  const chosen = shown(asked)
  const all = columns().slice(1)
  const toggle = (id: string) => {
    const next = all.filter((column) => (column.id === id) !== chosen.has(column.id)).map((column) => column.id).join(',') || 'none'
    remember(KEY, next)
    change({ columns: next === USUAL ? undefined : next })
  }
  return (
    <Menu class="quiet" label={<><Columns3 /> <span class="wide-only">{t().table.columns}</span></>} name={t().table.columns}>{() => all.map(({ id, label }) => (
      <label class="menu-check" key={id}>
        <input type="checkbox" checked={chosen.has(id)} onChange={() => toggle(id)} /> {label}
      </label>
    ))}</Menu>
  )
}
