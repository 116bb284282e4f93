// How a site tests what it tells User.com: the snippet is replaced by its test double, and nothing leaves.
import { act, type ReactElement } from 'react'
import { createRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { testClient } from 'usercom-snippet/testing'
import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { SignUp } from './SignUp'

vi.mock('usercom-snippet', () => import('usercom-snippet/testing'))
vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true)

beforeEach(() => testClient.clear())

/** Shows an element, fills in its form and sends it; says what the visitor reads then. */
const send = async (element: ReactElement, values: Record<string, string>) => {
  const container = document.body.appendChild(document.createElement('div'))
  const root = createRoot(container)
  onTestFinished(() => {
    act(() => root.unmount())
    container.remove()
  })
  act(() => root.render(element))
  for (const [name, value] of Object.entries(values))
    container.querySelector<HTMLInputElement>(`[name=${name}]`)!.value = value
  await act(async () => container.querySelector('form')!.requestSubmit())
  return container.querySelector('[role=status]')!.textContent
}

it('tells User.com who signed up', async () => {
  expect(await send(<SignUp />, { email: ' visitor@example.org ', first_name: 'Ann' })).toBe('Thank you!')
  expect(testClient.sent.map(({ attributes }) => attributes)).toEqual([
    { email: 'visitor@example.org', first_name: 'Ann', tags: ['newsletter'] },
  ])
})

it('shows what is wrong, and sends nothing', async () => {
  expect(await send(<SignUp />, { email: 'nonsense', first_name: 'x'.repeat(41) })).toBe(
    'Please check: email, first name',
  )
  expect(testClient.sent).toEqual([])
})

it('asks for patience where the relay cannot be reached', async () => {
  testClient.answer({ ok: false, reason: 'unavailable', issues: [] })
  expect(await send(<SignUp />, { email: 'visitor@example.org' })).toBe('Please try again later.')
})

it('is rendered on a server', () => {
  expect(renderToString(<SignUp />)).toContain('name="email"')
  expect(testClient.calls).toEqual([])
})
