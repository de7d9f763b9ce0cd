import { t } from '../../../i18n'
import { queries } from '../../../query'
import { Dialog } from '../../../ui/dialog'
import { toast, toastProblem } from '../../../ui/toast'
import { describe } from '../../../ui/trouble'
import { type User } from '../state'
import { nameOf } from '../../../people'
import { type ActName, type Result, unban } from './acts'
import { type Outcome, runAll } from './run'
import { usersWord } from './words'

interface ReportProps {
  act: ActName
  outcome: Outcome<User, Result>
  onAgain: (users: User[], before: Outcome<User, Result>) => Promise<void>
  onClose: () => void
}

/** Lifts the bans of those who had none before. */
async function takeBack(outcome: Outcome<User, Result>) {
  const users = outcome.done.map(({ item }) => item).filter(({ status }) => status !== 'banned')
  const { failed } = await runAll(users, unban, { signal: new AbortController().signal, onProgress: () => undefined })
  if (failed[0]) toastProblem(failed[0].problem)
  else toast(t().bulk.undone)
  void queries.invalidateQueries()
}

/** What became of everybody: nobody is left out. */
export function Report({ act, outcome, onAgain, onClose }: ReportProps) {
  const { done, failed, left } = outcome
  const words = t().bulk
  const silent = done.filter(({ result }) => result === 'silent').length
  const close = () => {
    onClose()
    if (act === 'ban' && done.length) toast(words.succeeded(usersWord(done.length)), () => void takeBack(outcome))
  }
  const actions = (
    <>
      {failed.length > 0 && <button type="button" onClick={() => void onAgain(failed.map(({ item }) => item), outcome)}>{words.again}</button>}
      <button type="button" class="primary" onClick={close}>{t().common.close}</button>
    </>
  )
  return (
    <Dialog title={left.length ? words.stoppedTitle : words.doneTitle} onClose={close} actions={actions}>
      <div role="status">
        {done.length > silent && <p class="good">{words.succeeded(usersWord(done.length - silent))}</p>}
        {silent > 0 && <p>{words.silent(usersWord(silent))}</p>}
        {left.length > 0 && <p>{words.untouched(usersWord(left.length))}</p>}
        {failed.length > 0 && <p class="bad">{words.failed(usersWord(failed.length))}</p>}
      </div>
      {failed.length > 0 && (
        <ul class="failures" tabIndex={0} aria-label={words.failed(usersWord(failed.length))}>
          {failed.map(({ item, problem }) => <li key={item.id}><strong>{nameOf(item)}</strong> {describe(problem)}</li>)}
        </ul>
      )}
    </Dialog>
  )
}
