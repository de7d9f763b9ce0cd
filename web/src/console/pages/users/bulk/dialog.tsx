/** The way of an act on many users: what is going to be done to how many, how far it is, what became of it. */
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { type BanForm, useBanForm } from '../../../forms/ban'
import { type MessageForm, useMessageForm } from '../../../forms/message'
import { t } from '../../../i18n'
import { list, number } from '../../../i18n/format'
import { queries } from '../../../query'
import { Dialog, FormDialog } from '../../../ui/dialog'
import { Progress } from '../../../ui/progress'
import { describe } from '../../../ui/trouble'
import { type Question, type User } from '../state'
import { nameOf } from '../../../people'
import { ACTS, type ActName, type Filled, type Result } from './acts'
import { exportUsers } from './file'
import { gather } from './gather'
import { Report } from './report'
import { type Outcome, runAll } from './run'
import { usersWord } from './words'

/** Users that were ticked, or all that match. */
export type Target = User[] | { question: Question; total: number }

interface BulkProps {
  act: ActName
  target: Target
  onClose: () => void
}

type Step =
  | { name: 'confirm' }
  | { name: 'gathering' | 'running'; done: number; total: number }
  | { name: 'done'; outcome: Outcome<User, Result> }

/** More than this is no work for a page. */
const MOST = { act: 10_000, export: 50_000 }
const NAMED = 3

function Names({ users }: { users: User[] }) {
  return <p><strong>{t().bulk.names(list(users.slice(0, NAMED).map(nameOf)), Math.max(0, users.length - NAMED))}</strong></p>
}

function useBulk({ act, target, onClose }: BulkProps, filled: () => Filled | undefined) {
  const step = useSignal<Step>({ name: 'confirm' })
  const trouble = useSignal('')
  const control = useRef(new AbortController())
  const used = useRef<Filled | undefined>(undefined)
  useEffect(() => () => control.current.abort(), [])

  const running = (name: 'gathering' | 'running', total: number) => {
    step.value = { name, done: 0, total }
    return { signal: control.current.signal, onProgress: (done: number) => (step.value = { name, done, total }) }
  }

  async function run(users: User[], again?: Outcome<User, Result>) {
    const what = used.current
    if (act === 'export' || !what) return
    const outcome = await runAll(users, (user) => ACTS[act](user, what), running('running', users.length))
    step.value = { name: 'done', outcome: { ...outcome, done: [...(again?.done ?? []), ...outcome.done] } }
    void queries.invalidateQueries()
  }

  async function start() {
    used.current = filled()
    if (!used.current) return
    try {
      const limit = act === 'export' ? MOST.export : MOST.act
      const users = Array.isArray(target) ? target : await gather(target.question, limit, running('gathering', target.total))
      if (act !== 'export') return await run(users)
      exportUsers(users)
      onClose()
    } catch (problem) {
      if (control.current.signal.aborted) return onClose()
      trouble.value = describe(problem)
      step.value = { name: 'confirm' }
    }
  }
  return { step: step.value, trouble: trouble.value, start, run, stop: () => control.current.abort() }
}

function filler(act: ActName, ban: BanForm, message: MessageForm): () => Filled | undefined {
  const nothing = { ban: { reason: '' }, message: { title: '', message: '', type: '' } }
  return () => {
    const key = crypto.randomUUID()
    const banned = act === 'ban' ? ban.check() : nothing.ban
    const written = act === 'notify' ? message.check() : nothing.message
    return banned && written ? { ban: banned, message: written, key } : undefined
  }
}

export function BulkDialog(props: BulkProps) {
  const { act, target, onClose } = props
  const ban = useBanForm()
  const message = useMessageForm()
  const { step, trouble, start, run, stop } = useBulk(props, filler(act, ban, message))
  const words = t().bulk
  const count = Array.isArray(target) ? target.length : target.total
  const most = act === 'export' ? MOST.export : MOST.act
  const title = words.titles[act](usersWord(count))
  if (step.name === 'done')
    return <Report act={act} outcome={step.outcome} onAgain={run} onClose={onClose} />
  if (step.name !== 'confirm')
    return (
      <Dialog title={title} onClose={stop} actions={<button type="button" onClick={stop}>{words.stop}</button>}>
        <Progress done={step.done} total={step.total}
          label={step.name === 'gathering' ? words.collecting : words.progress(number(step.done), number(step.total))} />
      </Dialog>
    )
  return (
    <FormDialog title={title} submit={words.submits[act](usersWord(count))} onSubmit={() => void start()} onClose={onClose}
      danger={act === 'ban' || act === 'logout'} busy={count > most}>
      {Array.isArray(target) && <Names users={target} />}
      <p>{words.hints[act]}</p>
      {count > most && <p class="note warm" role="alert">{words.tooMany(number(most))}</p>}
      {act === 'ban' && ban.fields()}
      {act === 'notify' && message.fields()}
      {trouble && <p class="note bad" role="alert">{trouble}</p>}
    </FormDialog>
  )
}
