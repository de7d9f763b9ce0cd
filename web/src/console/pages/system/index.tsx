import './system.css'
import { t } from '../../i18n'
import { Badge } from '../../ui/badge'
import { Page } from '../../ui/page'
import { Skeleton } from '../../ui/skeleton'
import { describe, Trouble } from '../../ui/trouble'
import { Facts } from './facts'
import { Commits, Queues } from './queues'
import { Rate } from './rate'
import { type Status, useStatus } from './status'
import { Warnings } from './warnings'

function Figures({ status, asked }: { status: Status; asked: number }) {
  return (
    <div class="system">
      <Warnings warnings={status.warnings} />
      <Facts status={status} />
      <Rate now={status.requests_per_second} asked={asked} />
      <div class="pair">
        <Queues queues={status.queues} />
        <Commits commits={status.commits} />
      </div>
    </div>
  )
}

export function SystemPage() {
  const words = t().system
  const { data, error, dataUpdatedAt, refetch } = useStatus()
  const live = data && !error
  return (
    <Page title={words.title} aside={live && <Badge tone="good" dot>{words.live}</Badge>}>
      {error && data && <p class="note bad system-trouble" role="alert">{describe(error)}</p>}
      {data
        ? <Figures status={data} asked={dataUpdatedAt} />
        : error ? <Trouble problem={error} retry={() => void refetch()} /> : <div class="panel panel-body"><Skeleton lines={8} /></div>}
    </Page>
  )
}
