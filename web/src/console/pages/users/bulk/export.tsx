import { useState } from 'preact/hooks'
import { Download } from '../../../ui/icons'
import { t } from '../../../i18n'
import type { Question } from '../state'
import { BulkDialog } from './dialog'

/** Exports whom the list shows, all its pages. */
export function ExportButton({ question, total }: { question: Question; total: number }) {
  const [open, setOpen] = useState(false)
  return (
    <>
      <button type="button" disabled={!total} onClick={() => setOpen(true)}><Download /> <span class="wide-only">{t().bulk.export}</span></button>
      {open && <BulkDialog act="export" target={{ question, total }} onClose={() => setOpen(false)} />}
    </>
  )
}
