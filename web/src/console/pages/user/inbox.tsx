import { keepPreviousData, useQuery } from '@tanstack/preact-query'
import { useState } from 'preact/hooks'
import { Bell, Send } from '../../ui/icons'
import { type Answer, ask } from '../../api'
import { t } from '../../i18n'
import { relative } from '../../i18n/format'
import { useParams } from '../../ui/address'
import { Badge } from '../../ui/badge'
import { Empty } from '../../ui/empty'
import { Pager } from '../../ui/pager'
import { Skeleton } from '../../ui/skeleton'
import { Trouble } from '../../ui/trouble'
import { When } from '../../ui/when'
import type { Account } from './data'
import { NotifyDialog } from './dialogs/notify'

type Notification = Answer<'/api/user/notifications/'>['notifications'][number]

function Row({ sent }: { sent: Notification }) {
  const words = t().inbox
  return (
    <li class="entry top">
      <span class="timeline-icon"><Bell /></span>
      <div class="grow">
        <p class="row"><strong>{sent.title}</strong> <Badge tone="soft">{sent.type}</Badge></p>
        <p class="said">{sent.message}</p>
        <p class="hint"><When time={sent.created_at} /></p>
      </div>
      {sent.read
        ? <Badge tone="soft">{sent.read_at ? words.read(relative(sent.read_at)) : words.wasRead}</Badge>
        : <Badge tone="accent" dot>{words.unread}</Badge>}
    </li>
  )
}

function useInbox(id: number, page: number, limit: number) {
  return useQuery({
    queryKey: ['user', id, 'notifications', page, limit],
    queryFn: ({ signal }) => ask('/api/user/notifications/', { user_id: id, page, limit }, { signal }),
    placeholderData: keepPreviousData,
  })
}

export function Inbox({ account }: { account: Account }) {
  const [params, change] = useParams()
  const [writing, setWriting] = useState(false)
  const inbox = useInbox(account.id, Math.max(1, Number(params['page']) || 1), Math.min(100, Number(params['limit']) || 25))
  const words = t().inbox
  const button = <button type="button" onClick={() => setWriting(true)}><Send /> {words.send}</button>
  const sent = inbox.data
  return (
    <section class="panel">
      <div class="panel-head"><h2>{t().user.tabs.notifications}</h2><span class="grow" />{sent && sent.total > 0 && button}</div>
      {!sent
        ? inbox.isError ? <Trouble problem={inbox.error} retry={() => void inbox.refetch()} /> : <div class="panel-body"><Skeleton lines={6} /></div>
        : sent.total === 0
          ? <Empty icon={Bell} title={words.none} hint={words.noneHint}>{button}</Empty>
          : (
            <>
              <ul class={inbox.isPlaceholderData ? 'stale' : ''}>{sent.notifications.map((one) => <Row key={one.id} sent={one} />)}</ul>
              <Pager page={sent.page} limit={sent.limit} total={sent.total} onPage={(page) => change({ page: String(page) })}
                onLimit={(limit) => change({ limit: String(limit), page: undefined })} />
            </>
          )}
      {writing && <NotifyDialog account={account} onClose={() => setWriting(false)} />}
    </section>
  )
}
