import { Link } from 'wouter-preact'
import { t } from '../../i18n'

interface Props {
  id: number | null
  name: string | null
  /** What to say when there is nobody. */
  none?: string
}

/** An account in the trail: by its name, or by its number when it is no more. */
export function Who({ id, name, none }: Props) {
  if (id === null) return <span class="soft">{none ?? t().common.none}</span>
  if (name === null) return <span class="soft" title={t().audit.erased}>#{id}</span>
  return <Link href={`/users/${id}`} class="account-link">{name}</Link>
}
