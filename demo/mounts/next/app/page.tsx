import { SignUp } from './SignUp'

export default function Page() {
  return (
    <main>
      <h1>Newsletter</h1>
      <SignUp />
    </main>
  )
}
