import type { Job } from './job.js'
import type { Outbox } from './outbox.js'
import type { Outcome, SearchOutcome } from './outcome.js'
import { toPerson } from './toPerson.js'
import type { CallOptions, UsercomClient } from './usercomClient.js'

/**
 * What to do with someone who has that email already: `add-tags` only adds the tags, `leave` changes nothing, `update`
 * writes all attributes, `create` never looks, so that the same email makes another person.
 */
export type KnownEmail = 'add-tags' | 'leave' | 'update' | 'create'

/** Makes one call to User.com when its turn has come. */
export type Call = <T extends Outcome | SearchOutcome>(
  run: (options: CallOptions) => Promise<T>,
) => Promise<T>

export interface DeliveryOptions {
  client: UsercomClient
  /** Whom User.com is known to have, by the hash of who they are. */
  people: Pick<Outbox, 'recall' | 'remember' | 'forget'>
  hashPerson: (person: string) => Promise<string>
  knownEmail: KnownEmail
}

/** What is written over someone who is there already; `undefined`: nothing, so no call is made. */
const changes: Record<Exclude<KnownEmail, 'create'>, (job: Job) => Job['attributes'] | undefined> = {
  'add-tags': ({ attributes: { tags } }) => (tags === undefined ? undefined : { tags }),
  leave: () => undefined,
  update: ({ attributes }) => attributes,
}

/**
 * Brings one job to User.com, in as many calls as it takes, so that the same person stays one person there: emails are
 * not unique in User.com, so it looks before it creates. Jobs of one person must not run side by side.
 */
export const createDelivery = ({ client, people, hashPerson, knownEmail }: DeliveryOptions) => {
  /** What failed to be remembered costs a look-up; it must not have the person written again. */
  const remember = (hash: string, id: string) => people.remember(hash, id).catch(() => {})

  const find = async (hash: string, email: string, call: Call): Promise<SearchOutcome> => {
    const id = await people.recall(hash)
    if (id !== undefined) return { kind: 'found', id }
    const found = await call((options) => client.searchByEmail(email, options))
    if (found.kind === 'found') await remember(hash, found.id)
    return found
  }

  return async (job: Job, call: Call): Promise<Outcome> => {
    const { attributes, verified } = job
    const { email } = attributes
    if (verified) return call((options) => client.updateOrCreate(attributes, options))
    const create = () => call((options) => client.createUser(attributes, options))
    const person = toPerson(job)
    if (knownEmail === 'create' || typeof email !== 'string' || person === undefined) return create()

    const hash = await hashPerson(person)
    let found = await find(hash, email, call)
    if (found.kind === 'found') {
      const change = changes[knownEmail](job)
      if (!change) return { kind: 'exists' }
      const { id } = found
      const outcome = await call((options) => client.updateUser(id, change, options))
      if (outcome.kind !== 'never' || outcome.status !== 404) return outcome
      // Deleted in User.com since it was remembered.
      await people.forget(hash)
      found = await find(hash, email, call)
      // Still found, and gone all the same: User.com's search is behind. Another time.
      if (found.kind === 'found') {
        await people.forget(hash)
        return { kind: 'later', reason: 'status', status: 404 }
      }
    }
    if (found.kind !== 'none') return found
    const outcome = await create()
    if (outcome.kind === 'delivered' && outcome.id !== undefined) await remember(hash, outcome.id)
    return outcome
  }
}

export type Delivery = ReturnType<typeof createDelivery>
