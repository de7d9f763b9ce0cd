import { Activity, ChartColumn, ScrollText, Users } from '../ui/icons'
import { Link, useLocation } from 'wouter-preact'
import { t } from '../i18n'

/** The pages one can go to, each with the key that goes there after `g`. */
export const PLACES = [
  { path: '/', name: 'users', key: 'u', icon: Users },
  { path: '/stats/', name: 'stats', key: 's', icon: ChartColumn },
  { path: '/audit/', name: 'audit', key: 'a', icon: ScrollText },
  { path: '/system/', name: 'system', key: 'y', icon: Activity },
] as const

const isAt = (path: string, place: string) =>
  place === '/' ? path === '/' || path.startsWith('/users/') : path.startsWith(place.slice(0, -1))

export function Nav() {
  const [path] = useLocation()
  return (
    <nav class="nav" aria-label={t().shell.navigation}>
      <ul>
        {PLACES.map(({ path: place, name, icon: Icon }) => (
          <li key={name}>
            <Link href={place} {...(isAt(path, place) ? { 'aria-current': 'page' as const } : {})}>
              <Icon /> <span>{t().shell[name]}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  )
}
