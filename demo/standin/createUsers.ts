import { randomBytes } from 'node:crypto'
import type { Values } from './parseUser'

/** A user as the API answers it. The secrets begin with `secret-`, so that a test can look for what must not leave the relay. */
export type User = Values & {
  id: number
  key: string
  custom_id: string | null
  email: string | null
  tags: string[]
}

export interface Users {
  all: User[]
  create(values: Values): User
  /** Sets what is named; tags are only added, as the documentation says. */
  update(user: User, values: Values): User
  byId(id: string): User | undefined
  byCustomId(customId: string): User | undefined
  byEmail(email: string): User[]
}

export function createUsers(now: () => Date): Users {
  const all: User[] = []
  const find = (test: (user: User) => boolean) => all.find(test)
  return {
    all,
    create(values) {
      const at = now().toISOString()
      const user = {
        id: 5000 + all.length,
        key: `secret-key-${randomBytes(8).toString('hex')}`,
        custom_id: null,
        email: null,
        first_name: '',
        last_name: '',
        phone_number: null,
        last_ip: '203.0.113.77',
        lists: [{ id: 77, name: 'secret-list' }],
        attributes: [{ name: 'secret-attribute', value: 'secret-value' }],
        companies: [],
        score: 42,
        status: 2,
        gender: null,
        unsubscribed: false,
        notifications: true,
        created_at: at,
        updated_at: at,
        first_seen: at,
        last_seen: at,
        last_contacted: null,
        page_views: 7,
        chat_id: `secret-chat-${randomBytes(4).toString('hex')}`,
        city: 'secret-city',
        region: null,
        country: null,
        timezone: null,
        browser: null,
        browser_language: null,
        os_type: null,
        resolution: null,
        gravatar_url: 'https://gravatar.example/secret-gravatar',
        facebook_url: null,
        linkedin_url: null,
        twitter_url: null,
        google_url: null,
        ...values,
        name: toName(values),
        tags: [...new Set((values.tags as string[] | undefined) ?? [])],
      } as User
      all.push(user)
      return user
    },
    update(user, values) {
      const tags = [...new Set([...user.tags, ...((values.tags as string[] | undefined) ?? [])])]
      Object.assign(user, values, { tags, updated_at: now().toISOString() })
      user.name = toName(user)
      return user
    },
    byId: (id) => find((user) => String(user.id) === id),
    byCustomId: (customId) => find((user) => user.custom_id === customId),
    byEmail: (email) => all.filter((user) => user.email?.toLowerCase() === email.toLowerCase()),
  }
}

const toName = (values: Values) => [values.first_name, values.last_name].filter(Boolean).join(' ')
