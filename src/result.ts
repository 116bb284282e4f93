import type { Issue } from './attributes'
import type { Result } from './types'

export const accepted: Result = { ok: true, status: 'accepted' }
export const unchanged: Result = { ok: true, status: 'unchanged' }
export const refuse = (reason: (Result & { ok: false })['reason'], issues: Issue[] = []): Result => ({
  ok: false,
  reason,
  issues,
})
