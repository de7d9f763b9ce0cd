import { useQuery } from '@tanstack/preact-query'
import { ShieldAlert, ShieldCheck, ShieldQuestionMark } from '../../ui/icons'
import { type Answer, ask } from '../../api'
import { t } from '../../i18n'
import { number } from '../../i18n/format'
import { Menu } from '../../ui/menu'
import { When } from '../../ui/when'

type Verdict = Answer<'/api/audit/verify/'>

const SOON = 2_000
const LATER = 60_000

export function useVerdict() {
  return useQuery({
    queryKey: ['/api/audit/verify/'],
    queryFn: ({ signal }) => ask('/api/audit/verify/', {}, { signal }),
    refetchInterval: ({ state }) => (state.data?.state === 'checking' ? SOON : LATER),
  })
}

const FACES = {
  ok: { icon: ShieldCheck, tone: 'good' },
  broken: { icon: ShieldAlert, tone: 'bad' },
  checking: { icon: ShieldQuestionMark, tone: 'soft' },
} as const

function About({ verdict }: { verdict: Verdict }) {
  const words = t().audit.chain
  return (
    <div class="chain-about">
      <p>{words.about[verdict.state]}</p>
      <dl class="pairs">
        <dt>{words.records}</dt><dd class="number">{number(verdict.records)}</dd>
        <dt>{words.checked}</dt><dd><When time={verdict.checked_at} /></dd>
        <dt>{words.head}</dt><dd class="number">{number(verdict.head_seq)}</dd>
        <dt>{words.digest}</dt><dd><code>{verdict.head_digest}</code></dd>
      </dl>
      <p class="hint">{words.note}</p>
    </div>
  )
}

/** Whether the chain of the trail verifies; pressed, it tells what that means. */
export function ChainBadge() {
  const { data } = useVerdict()
  if (!data) return null
  const { icon: Icon, tone } = FACES[data.state]
  return (
    <Menu class={`badge-button badge ${tone}`} label={<><Icon /> {t().audit.chain[data.state]}</>}>
      {() => <About verdict={data} />}
    </Menu>
  )
}

/** What is wrong with the chain, where nobody can overlook it. */
export function Broken() {
  const { data } = useVerdict()
  if (data?.state !== 'broken') return null
  const words = t().audit.chain
  return (
    <div class="note bad broken" role="alert">
      <p><strong>{words.brokenTitle}</strong> {words.brokenHint}</p>
      <ul>{data.problems.map((problem) => <li>{problem}</li>)}</ul>
    </div>
  )
}
