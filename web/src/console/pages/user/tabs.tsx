import { useLocation } from 'wouter-preact'
import { t } from '../../i18n'
import { number } from '../../i18n/format'
import { useShortcuts } from '../../ui/keys'
import type { Account } from './data'

export const TABS = ['overview', 'sessions', 'activity', 'preferences', 'followers', 'following', 'notifications', 'walls'] as const
export type Tab = (typeof TABS)[number]

export const tabOf = (text: string | undefined): Tab => TABS.find((tab) => tab === text) ?? 'overview'

const count: Partial<Record<Tab, (account: Account) => number>> = {
  sessions: ({ sessions_count }) => sessions_count,
  followers: ({ followers_count }) => followers_count,
  following: ({ following_count }) => following_count,
  notifications: ({ notifications_count }) => notifications_count,
}

/** The parts of the page: each is an address of its own. */
export function Tabs({ account, here }: { account: Account; here: Tab }) {
  const [path, navigate] = useLocation()
  const words = t().user
  const address = (tab: Tab) => (tab === 'overview' ? path : `${path}?tab=${tab}`)
  const go = (tab: Tab) => navigate(address(tab), { replace: true })
  useShortcuts(TABS.map((tab, index) => ({
    keys: String(index + 1), label: words.keys.section(words.tabs[tab]), run: () => go(tab),
  })))
  return (
    <nav class="tabs" aria-label={words.sections}>
      {TABS.map((tab) => (
        <a key={tab} href={`/console${address(tab)}`} {...(tab === here ? { 'aria-current': 'page' as const } : {})}
          onClick={(event) => {
            if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return
            event.preventDefault()
            go(tab)
          }}>
          {words.tabs[tab]}
          {count[tab] && <span class="tab-count number">{number(count[tab](account))}</span>}
        </a>
      ))}
    </nav>
  )
}
