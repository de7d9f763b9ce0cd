import type { ComponentChildren } from 'preact'
import { t } from '../../i18n'
import { bytes, duration, number } from '../../i18n/format'
import type { Status } from './status'

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return <div class="fact"><dt>{name}</dt><dd>{children}</dd></div>
}

/** What runs here and how big it is. */
export function Facts({ status }: { status: Status }) {
  const words = t().system
  return (
    <dl class="panel facts-grid">
      <Fact name={words.version}>{status.version}</Fact>
      <Fact name={words.uptime}>{duration(status.uptime_seconds)}</Fact>
      <Fact name={words.engine}>{status.engine} {status.engine_version}</Fact>
      <Fact name={words.size}>{bytes(status.database_bytes)}</Fact>
      <Fact name={words.accounts}>{number(status.accounts)}</Fact>
      <Fact name={words.connections}>{number(status.connections)}</Fact>
      <Fact name={words.requests}>{number(status.requests_total)}</Fact>
    </dl>
  )
}
