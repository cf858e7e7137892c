import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { problemAt, sentenceOf } from '../api/client.ts'
import { useMethods } from '../api/methods.ts'
import { useSession } from '../app/session.ts'
import css from '../app/settings.module.css'
import { useAddAddress } from './api.ts'

const CHANNELS: Record<string, string> = { telegram: 'Telegram', slack: 'Slack', email: 'E-mail', google: 'Google' }

/** How one is known: addresses and accounts elsewhere, each shown to be one's own. */
export function WaysIn() {
  const { identities } = useSession()
  const methods = useMethods()
  const hasGoogle = identities.some(({ channel }) => channel === 'google')
  return (
    <section className={css.form} aria-labelledby="ways-title" data-testid="account-ways">
      <div>
        <h2 id="ways-title" className={css.subtitle}>
          How you are known
        </h2>
        <p className={css.lead}>
          To be known on another chat too, send <code>/link</code> there.
        </p>
      </div>
      {identities.length > 0 && (
        <ul className={css.rows}>
          {identities.map(({ channel, externalId, name }) => (
            <li key={`${channel} ${externalId}`} className={css.row}>
              <span className={css.name}>{CHANNELS[channel] ?? channel}</span>
              <span className={css.muted}>{channel === 'email' ? externalId : name}</span>
            </li>
          ))}
        </ul>
      )}
      {methods.mail && <AddAddress />}
      {methods.google && !hasGoogle && (
        <div>
          <Button component="a" href="/v1/auth/google?link=1" variant="default" data-testid="link-google">
            Sign in with Google as well
          </Button>
        </div>
      )}
    </section>
  )
}

function AddAddress() {
  const [email, setEmail] = useState('')
  const add = useAddAddress()
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    add.mutate(email.trim(), { onSuccess: () => setEmail('') })
  }
  const problem = add.isError ? (problemAt(add.error, 'email') ?? sentenceOf(add.error)) : undefined
  return (
    <form className={css.rotate} onSubmit={submit}>
      <TextInput
        label="Add an e-mail address"
        description="We send a link there; it is yours when you open that here"
        type="email"
        required
        withAsterisk={false}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
        error={problem}
        autoComplete="email"
        data-testid="add-email"
      />
      <Button type="submit" variant="default" loading={add.isPending} data-testid="add-email-save">
        Send the link
      </Button>
      {add.isSuccess && (
        <p className={css.good} role="status">
          A mail to {add.data.sentTo} is on its way. Open its link in this browser.
        </p>
      )}
    </form>
  )
}
