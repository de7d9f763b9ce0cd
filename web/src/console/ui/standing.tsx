/** Where an account stands, in a word and a colour. */
import { ShieldCheck, ShieldPlus } from './icons'
import type { Status } from '../catalogue'
import { t } from '../i18n'
import { Badge, type Tone } from './badge'

const TONES: Record<Status, Tone> = { active: 'good', banned: 'bad', inactive: 'soft' }

export function StatusBadge({ status }: { status: Status }) {
  return <Badge tone={TONES[status]} dot>{t().status[status]}</Badge>
}

interface Roles { is_staff: boolean; is_superuser: boolean }

export const roleOf = ({ is_staff, is_superuser }: Roles) => (is_superuser ? 'superuser' : is_staff ? 'staff' : 'user')

/** Nothing for those without a role. */
export function RoleBadge(roles: Roles) {
  const role = roleOf(roles)
  if (role === 'user') return null
  return <Badge tone="accent">{role === 'staff' ? <ShieldCheck /> : <ShieldPlus />}{t().role[role]}</Badge>
}
