import { useState } from 'preact/hooks'
import { Ban, Bell, CircleCheck, Download, LogOut, X } from '../../../ui/icons'
import { t } from '../../../i18n'
import { number } from '../../../i18n/format'
import type { Chosen } from '../chosen'
import type { Question } from '../state'
import type { ActName } from './acts'
import { BulkDialog } from './dialog'

const ACTS = [
  ['notify', Bell], ['ban', Ban], ['unban', CircleCheck], ['logout', LogOut], ['export', Download],
] as const

interface BulkBarProps {
  chosen: Chosen
  question: Question
  total: number
}

/** What can be done to those who are selected; there as long as somebody is. */
export function BulkBar({ chosen, question, total }: BulkBarProps) {
  const [act, setAct] = useState<ActName>()
  const words = t().bulk
  const users = [...chosen.users.values()]
  if (!users.length && !chosen.matching) return null
  const close = () => setAct(undefined)
  return (
    <div class="bulk" role="region" aria-label={words.selected(number(chosen.matching ? total : users.length))}>
      <strong class="number" role="status">
        {chosen.matching ? words.matching(number(total)) : words.selected(number(users.length))}
      </strong>
      {!chosen.matching && users.length < total && (
        <button type="button" class="link" onClick={chosen.takeMatching}>{words.selectMatching(number(total))}</button>
      )}
      <span class="grow" />
      {ACTS.map(([name, Icon]) => (
        <button type="button" key={name} class={name === 'ban' ? 'bad' : ''} onClick={() => setAct(name)}><Icon /> {words[name]}</button>
      ))}
      <button type="button" class="icon" aria-label={words.clear} title={words.clear} onClick={chosen.clear}><X /></button>
      {act && <BulkDialog act={act} target={chosen.matching ? { question, total } : users} onClose={close} />}
    </div>
  )
}
