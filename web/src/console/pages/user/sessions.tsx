import { useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { LogOut, Monitor, Smartphone } from '../../ui/icons'
import { act } from '../../act'
import { type Answer, ask } from '../../api'
import { deviceOf } from '../../device'
import { t } from '../../i18n'
import { exact } from '../../i18n/format'
import { refresh } from '../../session'
import { Badge } from '../../ui/badge'
import { Empty } from '../../ui/empty'
import { Skeleton } from '../../ui/skeleton'
import { Trouble } from '../../ui/trouble'
import { When } from '../../ui/when'
import { type Account, isMe, mayChange } from './data'
import { LogoutDialog } from './dialogs/logout'

type Session = Answer<'/api/user/sessions/'>['sessions'][number]

function deviceName({ name, user_agent }: Session): string {
  const { browser, system } = deviceOf(user_agent)
  if (name) return name
  if (browser && system) return t().sessions.device(browser, system)
  return browser ?? system ?? (user_agent.slice(0, 60) || t().sessions.unknownDevice)
}

async function end(account: Account, session: Session) {
  await act(() => ask('/api/user/sessions/end/', { user_id: account.id, session_id: session.id }), { done: t().sessions.ended })
  if (session.current) void refresh()
}

function Row({ account, session, mayEnd }: { account: Account; session: Session; mayEnd: boolean }) {
  const words = t().sessions
  const device = deviceName(session)
  const Icon = deviceOf(session.user_agent).mobile ? Smartphone : Monitor
  return (
    <li class="entry">
      <span class="timeline-icon"><Icon /></span>
      <div class="grow">
        <p class="row"><strong title={session.user_agent}>{device}</strong> {session.current && <Badge tone="good" dot>{words.current}</Badge>}</p>
        <p class="hint">
          <code>{session.ip ?? words.noAddress}</code> · {words.lastUsed} <When time={session.last_used} /> · {words.opened} <When time={session.created_at} />
          {' '}· <span title={exact(session.expires_at)}>{words.expires} <When time={session.expires_at} /></span>
        </p>
      </div>
      {mayEnd && <button type="button" aria-label={words.endNamed(device)} onClick={() => void end(account, session)}>{words.end}</button>}
    </li>
  )
}

export function Sessions({ account }: { account: Account }) {
  const [ending, setEnding] = useState(false)
  const words = t().sessions
  const mayEnd = isMe(account) || mayChange(account)
  const list = useQuery({
    queryKey: ['user', account.id, 'sessions'],
    queryFn: ({ signal }) => ask('/api/user/sessions/', { user_id: account.id }, { signal }),
  })
  const sessions = list.data?.sessions
  return (
    <section class="panel">
      <div class="panel-head">
        <h2>{t().user.tabs.sessions}</h2>
        <span class="grow" />
        {sessions && sessions.length > 0 && mayEnd && !isMe(account) && (
          <button type="button" onClick={() => setEnding(true)}><LogOut /> {words.endAll}</button>
        )}
      </div>
      {!sessions
        ? list.isError ? <Trouble problem={list.error} retry={() => void list.refetch()} /> : <div class="panel-body"><Skeleton lines={4} /></div>
        : sessions.length
          ? <ul>{sessions.map((session) => <Row key={session.id} account={account} session={session} mayEnd={mayEnd} />)}</ul>
          : <Empty icon={Monitor} title={words.none} hint={words.noneHint} />}
      {ending && <LogoutDialog account={account} onClose={() => setEnding(false)} />}
    </section>
  )
}
