import { t } from '../../i18n'
import { Badge, type Tone } from '../../ui/badge'
import type { AuditRecord } from './trail'

const TONES: Record<AuditRecord['outcome'], Tone> = {
  ok: 'good', failed: 'bad', banned: 'bad', limited: 'warm', denied: 'warm', unwanted: 'soft',
}

export function Outcome({ outcome }: { outcome: AuditRecord['outcome'] }) {
  return <Badge tone={TONES[outcome]}>{t().outcomes[outcome]}</Badge>
}

export const eventName = (event: AuditRecord['event']) => t().events[event]
