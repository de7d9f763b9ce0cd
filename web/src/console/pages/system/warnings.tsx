import { CircleCheck, TriangleAlert } from '../../ui/icons'
import { t } from '../../i18n'
import type { Status } from './status'

type Warning = Status['warnings'][number]

/** What is wrong, and what to do about it. */
function Item({ code }: Warning) {
  const { title, todo } = t().system.fixes[code]
  return (
    <li>
      <TriangleAlert class={code === 'audit_broken' ? 'bad' : 'warm'} />
      <div><strong>{title}</strong><p>{todo}</p></div>
    </li>
  )
}

export function Warnings({ warnings }: { warnings: Warning[] }) {
  const words = t().system
  return (
    <section class="panel" aria-labelledby="warnings">
      <div class="panel-head"><h2 id="warnings">{words.warnings}</h2></div>
      {warnings.length
        ? <ul class="panel-body warnings">{warnings.map((one) => <Item key={one.code} {...one} />)}</ul>
        : <p class="panel-body fine"><CircleCheck class="good" /> <span><strong>{words.fine}</strong> {words.fineHint}</span></p>}
    </section>
  )
}
