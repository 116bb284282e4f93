'use client'
import { useState, type FormEvent } from 'react'
import { identify } from 'usercom-snippet'

/** A form whose visitor User.com is told of. It is rendered on the server too, where the snippet does nothing. */
export function SignUp() {
  const [message, setMessage] = useState('')

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    const { email, first_name } = Object.fromEntries(new FormData(event.currentTarget)) as Record<
      string,
      string
    >
    const result = await identify({ email, first_name, tags: ['newsletter'] })
    const wrong = result.ok ? [] : result.issues.map(({ field }) => field.replace('_', ' '))
    setMessage(
      result.ok
        ? 'Thank you!'
        : wrong.length
          ? `Please check: ${wrong.join(', ')}`
          : 'Please try again later.',
    )
  }

  return (
    <form onSubmit={submit} noValidate>
      <input name="email" type="email" placeholder="Email" />
      <input name="first_name" placeholder="First name" />
      <button>Sign up</button>
      <p role="status">{message}</p>
    </form>
  )
}
