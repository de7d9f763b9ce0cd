import { useState } from 'preact/hooks'
import { ScrollText } from '../../ui/icons'
import { t } from '../../i18n'
import { Empty } from '../../ui/empty'
import type { Account } from './data'
import { type AuditEvent, type AuditOutcome, eventName, Timeline } from './timeline'

/** Those that one account can have. */
const EVENTS: AuditEvent[] = [
  'login', 'logout', 'account.register', 'account.ban', 'account.unban', 'account.logout', 'password.change', 'password.set', 'email.change',
  'session.end', 'token.refresh', 'token.reuse', 'role.grant', 'role.revoke', 'notification.send', 'wall.put', 'wall.remove', 'account.export',
  'access', 'access.cross_site',
]
const OUTCOMES: AuditOutcome[] = ['ok', 'failed', 'banned', 'limited', 'denied', 'unwanted']

export function Activity({ account }: { account: Account }) {
  const [event, setEvent] = useState<AuditEvent | ''>('')
  const [outcome, setOutcome] = useState<AuditOutcome | ''>('')
  const words = t()
  const empty = event || outcome
    ? <Empty icon={ScrollText} title={words.activity.noneFiltered} />
    : <Empty icon={ScrollText} title={words.activity.none} hint={words.activity.noneHint} />
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>{words.user.tabs.activity}</h2>
        <span class="grow" />
        <select aria-label={words.activity.event} value={event} onChange={({ currentTarget: { value } }) => setEvent(value as AuditEvent | '')}>
          <option value="">{words.common.all}</option>
          {EVENTS.map((one) => <option key={one} value={one}>{eventName(one)}</option>)}
        </select>
        <select aria-label={words.users.status} value={outcome} onChange={({ currentTarget: { value } }) => setOutcome(value as AuditOutcome | '')}>
          <option value="">{words.users.any}</option>
          {OUTCOMES.map((one) => <option key={one} value={one}>{words.outcomes[one]}</option>)}
        </select>
      </div>
      <Timeline account={account} empty={empty} {...(event ? { events: [event] } : {})} {...(outcome ? { outcome } : {})} />
    </section>
  )
}
