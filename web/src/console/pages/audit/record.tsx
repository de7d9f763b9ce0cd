import type { ComponentChildren } from 'preact'
import { Link } from 'wouter-preact'
import { t } from '../../i18n'
import { exact, number } from '../../i18n/format'
import { Dialog } from '../../ui/dialog'
import type { AuditRecord } from './trail'
import { Who } from './who'
import { eventName, Outcome } from './words'

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return <><dt>{name}</dt><dd>{children}</dd></>
}

/** All that a record says. */
export function RecordDialog({ record, close }: { record: AuditRecord; close: () => void }) {
  const words = t().audit
  const only = (filter: string, id: number | null) =>
    id !== null && <Link href={`/audit/?${filter}=${id}`} onClick={close} class="only">{words.only}</Link>
  return (
    <Dialog title={eventName(record.event)} onClose={close} kind="wide">
      <dl class="pairs">
        <Fact name={words.outcome}><Outcome outcome={record.outcome} /></Fact>
        <Fact name={words.when}><time dateTime={record.at}>{exact(record.at)}</time></Fact>
        <Fact name={words.actor}>
          <Who id={record.actor_id} name={record.actor} none={words.nobody[record.via]} /> {only('actor', record.actor_id)}
        </Fact>
        <Fact name={words.user}><Who id={record.user_id} name={record.user} /> {only('user', record.user_id)}</Fact>
        {record.note && <Fact name={words.note}><span class="words">{record.note}</span></Fact>}
        {record.detail && <Fact name={words.detail}><code>{record.detail}</code></Fact>}
        <Fact name={words.via}>{words.vias[record.via]}</Fact>
        {record.address && <Fact name={words.address}><code>{record.address}</code></Fact>}
        {record.user_agent && <Fact name={words.agent}><span class="words">{record.user_agent}</span></Fact>}
        <Fact name={words.place}>{record.seq === null ? words.unsealed : <span class="number">{number(record.seq)}</span>}</Fact>
      </dl>
      {record.forgotten && <p class="note">{words.forgotten}</p>}
    </Dialog>
  )
}
