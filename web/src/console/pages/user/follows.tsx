import { Users } from '../../ui/icons'
import { Link } from 'wouter-preact'
import { type Answer, ask } from '../../api'
import { t } from '../../i18n'
import { nameOf } from '../../people'
import { Avatar } from '../../ui/avatar'
import { Empty } from '../../ui/empty'
import { Feed } from '../../ui/feed'
import { useShortcuts } from '../../ui/keys'
import { stepRow } from '../../ui/rows'
import { StatusBadge } from '../../ui/standing'
import { When } from '../../ui/when'
import type { Account } from './data'

type Person = Answer<'/api/user/followers/'>['results'][number]

function Row({ person }: { person: Person }) {
  const name = nameOf(person)
  return (
    <li class="entry">
      <Link href={`/users/${person.user_id}`} class="who grow" data-row={person.user_id}>
        <Avatar id={person.user_id} name={name} />
        <span class="who-name"><strong>{name}</strong> <span class="soft">@{person.username}</span></span>
      </Link>
      {person.status !== 'active' && <StatusBadge status={person.status} />}
      <span class="hint">{t().follows.since} <When time={person.followed_at} /></span>
    </li>
  )
}

/** Everybody at the other end, those who are hidden or banned too. */
export function Follows({ account: { id }, which }: { account: Account; which: 'followers' | 'following' }) {
  const words = t()
  useShortcuts([
    { keys: 'j', label: words.users.keys.down, run: () => stepRow(1) },
    { keys: 'k', label: words.users.keys.up, run: () => stepRow(-1) },
  ])
  const load = (cursor: string | undefined, signal: AbortSignal) =>
    ask(`/api/user/${which}/`, { user_id: id, limit: 50, ...(cursor ? { cursor } : {}) }, { signal })
  return (
    <section class="panel">
      <div class="panel-head"><h2>{words.user.tabs[which]}</h2></div>
      <Feed name={['user', id, which]} load={load} next={({ next_cursor }) => next_cursor} some={({ results }) => results.length > 0}
        empty={<Empty icon={Users} title={which === 'followers' ? words.follows.noFollowers : words.follows.noFollowing} />}>{(pages) => (
        <ul>{pages.flatMap(({ results }) => results).map((person) => <Row key={person.user_id} person={person} />)}</ul>
      )}</Feed>
    </section>
  )
}
