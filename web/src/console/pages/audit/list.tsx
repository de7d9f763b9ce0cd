import { useState } from 'preact/hooks'
import { t } from '../../i18n'
import { moment } from '../../i18n/format'
import { useShortcuts } from '../../ui/keys'
import { stepRow } from '../../ui/rows'
import { type Column, Table } from '../../ui/table'
import { RecordDialog } from './record'
import type { AuditRecord } from './trail'
import { Who } from './who'
import { eventName, Outcome } from './words'

const actorOf = ({ actor_id, actor, via }: AuditRecord) => <Who id={actor_id} name={actor} none={t().audit.nobody[via]} />
const userOf = ({ user_id, user }: AuditRecord) => <Who id={user_id} name={user} />

/** Both in one line, where there is no room for columns; once when it is the same account. */
function whoToWhom(record: AuditRecord) {
  if (record.user_id === null || record.user_id === record.actor_id) return actorOf(record)
  return <>{actorOf(record)} → {userOf(record)}</>
}

function columns(open: (record: AuditRecord) => void): Column<AuditRecord>[] {
  const words = t().audit
  return [
    { id: 'when', label: words.when, class: 'wide', cell: ({ at }) => <time dateTime={at}>{moment(at)}</time> },
    { id: 'event', label: words.event, cell: (record) => (
      <>
        <button type="button" class="event" data-row={record.id} onClick={() => open(record)}>{eventName(record.event)}</button>
        {record.outcome !== 'ok' && <Outcome outcome={record.outcome} />}
        <span class="narrow">{whoToWhom(record)}</span>
        <time class="narrow soft" dateTime={record.at}>{moment(record.at)}</time>
      </>
    ) },
    { id: 'actor', label: words.actor, class: 'wide', cell: actorOf },
    { id: 'user', label: words.user, class: 'wide', cell: userOf },
    { id: 'detail', label: words.detail, class: 'wide', cell: ({ note, detail }) => (
      <span class="cut more">{note || <code class="soft">{detail}</code>}</span>
    ) },
    { id: 'address', label: words.address, class: 'wide', cell: ({ address, via }) => (
      address ? <code>{address}</code> : <span class="soft">{words.vias[via]}</span>
    ) },
  ]
}

/** Records in rows; one that is opened says all it has. `j` and `k` go through them, Enter opens. */
export function RecordList({ records, stale }: { records: AuditRecord[]; stale: boolean }) {
  const words = t().audit
  const [open, setOpen] = useState<AuditRecord | null>(null)
  useShortcuts([
    { keys: 'j', label: words.down, run: () => stepRow(1) },
    { keys: 'k', label: words.up, run: () => stepRow(-1) },
  ])
  return (
    <>
      <Table caption={words.title} columns={columns(setOpen)} rows={records} id={(record) => records.indexOf(record)}
        name={({ event }) => eventName(event)} onOpen={setOpen} stale={stale} />
      {open && <RecordDialog record={open} close={() => setOpen(null)} />}
    </>
  )
}
