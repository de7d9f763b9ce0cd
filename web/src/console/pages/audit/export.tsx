import { Download } from '../../ui/icons'
import { useEffect, useRef, useState } from 'preact/hooks'
import { csv, downloadCsv } from '../../csv'
import { t } from '../../i18n'
import { number } from '../../i18n/format'
import { Dialog } from '../../ui/dialog'
import { Progress as Bar } from '../../ui/progress'
import { toast, toastProblem } from '../../ui/toast'
import { type AuditRecord, newest, type Question } from './trail'

const MOST = 10_000
const COLUMNS: (keyof AuditRecord)[] = ['seq', 'id', 'at', 'event', 'outcome', 'via', 'actor_id', 'actor',
  'user_id', 'user', 'detail', 'address', 'user_agent', 'note', 'forgotten']

function saveRecords(records: AuditRecord[]) {
  const rows = records.map((record) => COLUMNS.map((column) => record[column]))
  downloadCsv(`rollcall-audit-${new Date().toISOString().slice(0, 10)}.csv`, csv(COLUMNS, rows))
}

/** Fetches, with a bar that moves and a way out; then the browser saves the file. */
function Progress({ question, close }: { question: Question; close: () => void }) {
  const words = t().audit.exporting
  const [count, setCount] = useState(0)
  const stop = useRef(new AbortController())
  useEffect(() => {
    const { signal } = stop.current
    newest(question, MOST, setCount, signal)
      .then(({ records, all }) => {
        saveRecords(records)
        toast(all ? words.done(number(records.length)) : words.partly(number(records.length)))
      })
      .catch((problem: unknown) => { if (!signal.aborted) toastProblem(problem) })
      .finally(close)
    return () => stop.current.abort()
  }, [])
  return (
    <Dialog title={words.title} onClose={() => stop.current.abort()}
      actions={<button type="button" onClick={() => stop.current.abort()}>{t().common.cancel}</button>}>
      <Bar done={count} total={MOST} label={words.count(number(count))} />
    </Dialog>
  )
}

export function ExportButton({ question, disabled }: { question: Question; disabled: boolean }) {
  const [running, setRunning] = useState(false)
  return (
    <>
      <button type="button" disabled={disabled} onClick={() => setRunning(true)}><Download /> {t().audit.export}</button>
      {running && <Progress question={question} close={() => setRunning(false)} />}
    </>
  )
}
