import { t } from '../../i18n'
import { number } from '../../i18n/format'
import type { Status } from './status'

/** From here on a queue looks as if it were going to be full. */
const HIGH = 0.75

type Queue = Status['queues'][number]

function Meter({ depth, limit }: Queue) {
  const part = limit ? Math.min(1, depth / limit) : 0
  return (
    <span class={`meter ${part >= 1 ? 'bad' : part >= HIGH ? 'warm' : ''}`} aria-hidden="true">
      <span style={{ width: `${part * 100}%` }} />
    </span>
  )
}

export function Queues({ queues }: { queues: Queue[] }) {
  const words = t().system
  return (
    <section class="panel" aria-labelledby="queues">
      <div class="panel-head"><h2 id="queues">{words.queues}</h2><p class="hint">{words.queuesHint}</p></div>
      <ul class="panel-body queues">
        {queues.map((queue) => (
          <li key={queue.lane}>
            <span>{words.lanes[queue.lane]}</span>
            <Meter {...queue} />
            <span class="number">{words.of(number(queue.depth), number(queue.limit))}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

export function Commits({ commits }: { commits: Status['commits'] }) {
  const words = t().system
  return (
    <section class="panel" aria-labelledby="commits">
      <div class="panel-head"><h2 id="commits">{words.commits}</h2><p class="hint">{words.commitsHint}</p></div>
      <dl class="panel-body pairs">
        <dt>{words.perSecond}</dt><dd class="number">{number(commits.per_second)}</dd>
        <dt>{words.writesPerCommit}</dt><dd class="number">{number(commits.writes_per_commit)}</dd>
        {commits.last_ms !== null && <><dt>{words.last}</dt><dd class="number">{words.milliseconds(number(commits.last_ms))}</dd></>}
        <dt>{words.total}</dt><dd class="number">{number(commits.total)}</dd>
      </dl>
    </section>
  )
}
