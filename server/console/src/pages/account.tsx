import { Keys } from '../account/keys.tsx'
import { Password } from '../account/password.tsx'
import { Sessions } from '../account/sessions.tsx'
import { WaysIn } from '../account/ways-in.tsx'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'

/** One's own ways in: what one signs in with, where one is signed in, and keys for programs. */
export default function AccountPage() {
  const { displayName, handle } = useSession()
  return (
    <div className={css.page} data-testid="account">
      <div>
        <h1 className={css.title}>Your account</h1>
        <p className={css.lead}>
          {displayName} · @{handle}
        </p>
      </div>
      <Password />
      <WaysIn />
      <Sessions />
      <Keys />
    </div>
  )
}
