/** Errors, in words that say what to do. */
import { Component, type ComponentChildren } from 'preact'
import { TriangleAlert } from './icons'
import { t } from '../i18n'
import { Problem } from '../problem'

/** What went wrong, in a sentence. The server's own words where it explains a field. */
export function describe(problem: unknown): string {
  const words = t().problem
  if (!(problem instanceof Problem)) return words.crashed
  switch (problem.code) {
    case 'unreachable': return words.unreachable
    case 'unavailable': return words.unavailable(problem.retryAfter)
    case 'rate_limited': return words.rate(problem.retryAfter)
    case 'permission_denied': return words.denied
    case 'not_found': return words.notFound
    case 'user_not_found': return words.userNotFound
    case 'internal_error': return words.internal
    default: return problem.message || words.internal
  }
}

/** In place of what could not be loaded. */
export function Trouble({ problem, retry }: { problem: unknown; retry?: () => void }) {
  return (
    <div class="state" role="alert">
      <TriangleAlert class="bad" />
      <h2>{t().problem.title}</h2>
      <p>{describe(problem)}</p>
      {retry && <button type="button" onClick={retry}>{t().common.retry}</button>}
    </div>
  )
}

interface Caught { problem?: unknown }

/** Keeps an error of one page from taking the frame with it. */
export class Boundary extends Component<{ children: ComponentChildren }, Caught> {
  override state: Caught = {}

  override componentDidCatch(problem: unknown) {
    console.error(problem)
    this.setState({ problem })
  }

  render() {
    if (this.state.problem === undefined) return this.props.children
    return (
      <div class="state" role="alert">
        <TriangleAlert class="bad" />
        <h1>{t().problem.title}</h1>
        <p>{t().problem.crashed}</p>
        <button type="button" onClick={() => location.reload()}>{t().common.reload}</button>
      </div>
    )
  }
}
