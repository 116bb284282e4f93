import type { Job } from './job.js'

/**
 * Who a job is about: jobs with the same answer are delivered one after the other. `undefined`: no one in particular.
 * In clear text: an engine keeps it no longer than the job itself.
 */
export const toPerson = ({ attributes, verified }: Job): string | undefined => {
  if (verified && attributes.custom_id) return `custom_id:${attributes.custom_id}`
  if (typeof attributes.email === 'string') return `email:${attributes.email.trim().toLowerCase()}`
  return undefined
}
