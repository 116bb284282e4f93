import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { page } from './startRelay.js'

export interface Person {
  i: string
  attributes: Record<string, unknown>
}

export const createPeople = (count: number, name = 'person'): Person[] =>
  Array.from({ length: count }, (_, n) => ({
    i: randomUUID(),
    attributes: { email: `${name}-${n}@example.org`, first_name: 'John' },
  }))

/** What the relay answered; 0 where it did not. */
export type PostAnswer = { status: number; retryAfter?: string | undefined }

const post = (url: string, { i, attributes }: Person, agent: Agent) =>
  new Promise<PostAnswer>((resolve) => {
    const headers = { origin: page, 'content-type': 'text/plain;charset=UTF-8' }
    const sent = request(`${url}/identify?i=${i}`, { method: 'POST', headers, agent }, (response) => {
      response.resume()
      response.on('close', () =>
        resolve(
          response.complete
            ? { status: response.statusCode ?? 0, retryAfter: response.headers['retry-after'] }
            : { status: 0 },
        ),
      )
    })
    sent.on('error', () => resolve({ status: 0 }))
    sent.end(JSON.stringify(attributes))
  })

/** Posts them as pages do, over so many connections. Hears each answer as it comes. */
export const postPeople = async (
  url: string,
  people: readonly Person[],
  onAnswer: (person: Person, answer: PostAnswer) => void = () => {},
  connections = 32,
): Promise<PostAnswer[]> => {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const answers = await Promise.all(
    people.map(async (person) => {
      const answer = await post(url, person, agent)
      onAnswer(person, answer)
      return answer
    }),
  )
  agent.destroy()
  return answers
}
