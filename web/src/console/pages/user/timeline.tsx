import type { ComponentChildren } from 'preact'
import { Activity, Ban, Bell, CircleCheck, KeyRound, LogIn, LogOut, Pencil, Shield, SquareStack, UserPlus } from '../../ui/icons'
import { Link } from 'wouter-preact'
import { type Answer, ask, type Body } from '../../api'
import { deviceOf } from '../../device'
import { t } from '../../i18n'
import { Badge } from '../../ui/badge'
import { Feed } from '../../ui/feed'
import type { Icon } from '../../ui/icon'
import { When } from '../../ui/when'
import type { Account } from './data'

type Question = Body<'/api/user/audit/'>
export type AuditEvent = NonNullable<Question['event']>[number]
export type AuditOutcome = NonNullable<Question['outcome']>
type AuditRecord = Answer<'/api/user/audit/'>['records'][number]

const ICONS: [start: string, icon: Icon][] = [
  ['account.ban', Ban], ['account.unban', CircleCheck], ['account.register', UserPlus], ['account.add', UserPlus], ['account.logout', LogOut],
  ['account.update', Pencil], ['login', LogIn], ['logout', LogOut], ['session', LogOut], ['role', Shield], ['notification', Bell],
  ['wall', SquareStack], ['password', KeyRound], ['token', KeyRound], ['email', Pencil],
]
const iconOf = (event: string) => ICONS.find(([start]) => event.startsWith(start))?.[1] ?? Activity

/** An event in the reader's words; one that has none yet, as the server calls it. */
export const eventName = (event: string) => (t().events as Record<string, string>)[event] ?? event

function By({ record, of }: { record: AuditRecord; of: number }) {
  const words = t().activity
  if (record.via === 'command line') return <span>{words.cli}</span>
  if (record.via === 'server') return <span>{words.server}</span>
  if (record.actor_id === null || record.actor_id === of) return null
  return <Link href={`/users/${record.actor_id}`}>{words.by(record.actor ?? words.erased)}</Link>
}

function From({ record: { address, user_agent } }: { record: AuditRecord }) {
  const { browser, system } = deviceOf(user_agent)
  const device = [browser, system].filter(Boolean).join(' · ')
  if (!address && !device) return null
  return <span title={user_agent}>{['', address, device].filter((part, index) => part || !index).join(' · ')}</span>
}

function Item({ record, of }: { record: AuditRecord; of: number }) {
  const Icon = iconOf(record.event)
  const bad = record.outcome !== 'ok' || record.event === 'account.ban' || record.event === 'token.reuse'
  return (
    <li>
      <span class={bad ? 'timeline-icon bad' : 'timeline-icon'}><Icon /></span>
      <div class="grow">
        <p class="row">
          <strong>{eventName(record.event)}</strong>
          {record.outcome !== 'ok' && <Badge tone="warm">{t().outcomes[record.outcome]}</Badge>}
          <By record={record} of={of} />
          {record.user_id !== of && record.user_id !== null && <Link href={`/users/${record.user_id}`}>→ {record.user ?? t().activity.erased}</Link>}
        </p>
        {record.note && <p class="said">{record.note}</p>}
        <p class="hint"><When time={record.at} /><From record={record} /> {record.detail && <code>{record.detail}</code>}</p>
      </div>
    </li>
  )
}

interface TimelineProps {
  account: Account
  events?: AuditEvent[]
  outcome?: AuditOutcome
  empty: ComponentChildren
}

/** What the account did and what was done to it, newest first. */
export function Timeline({ account: { id }, events, outcome, empty }: TimelineProps) {
  const question: Question = { user_id: id, limit: 30, ...(events?.length ? { event: events } : {}), ...(outcome ? { outcome } : {}) }
  const load = (cursor: string | undefined, signal: AbortSignal) =>
    ask('/api/user/audit/', { ...question, ...(cursor ? { cursor } : {}) }, { signal })
  return (
    <Feed name={['user', id, 'audit', question]} load={load} next={({ next_cursor }) => next_cursor}
      some={({ records }) => records.length > 0} empty={empty}>{(pages) => (
      <ol class="timeline">
        {pages.flatMap(({ records }) => records).map((record) => <Item key={record.id} record={record} of={id} />)}
      </ol>
    )}</Feed>
  )
}
