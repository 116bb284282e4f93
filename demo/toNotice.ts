import type { RelayEvent } from 'usercom-relay'

const reasons = {
  key: 'User.com refuses the API key',
  redirect: 'User.com redirects, which the relay never follows',
  path: 'User.com is not at this address',
} as const

/** What somebody who watches the demo's terminal should hear of; the page knows only that the relay has it. */
export function toNotice(event: RelayEvent): string | undefined {
  if (event.event === 'stopped')
    return `${reasons[event.reason]} (${event.status}): nothing is sent, everything is kept.`
  if (event.event === 'resumed') return 'User.com takes people again.'
  if (event.event === 'settled' && event.as === 'again')
    return 'User.com could not take a person now: the relay tries again.'
  if (event.event !== 'upstream' || !event.issues?.length) return undefined
  const issues = event.issues.map(({ field, code }) => `${field} (${code})`).join(', ')
  return `User.com refuses a person for good: ${issues}. A custom attribute must exist in the app first.`
}
