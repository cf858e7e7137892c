import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import css from './card.module.css'
import { CardPage, ProblemNote } from './card.tsx'
import { ClaimForm } from './claim-form.tsx'
import { CodeForm } from './code-form.tsx'

/** First start: whoever holds the code becomes the owner of this Muster. */
export default function ClaimPage() {
  const [params, setParams] = useSearchParams()
  const [refusal, setRefusal] = useState<string>()
  const code = params.get('code') ?? ''
  if (refusal) return <Refused reason={refusal} />
  if (!code) {
    return (
      <CardPage title="Set up Muster" testId="claim">
        <p className={css.lead}>When it starts for the first time, Muster prints a link and a code in its terminal.</p>
        <CodeForm
          label="Code from the terminal"
          button="Continue"
          onCode={(typed) => setParams({ code: typed }, { replace: true })}
        />
      </CardPage>
    )
  }
  return (
    <CardPage title="Make Muster yours" testId="claim">
      <p className={css.lead}>You will be its first person and its platform admin.</p>
      <ClaimForm path="/v1/auth/claim" code={code} button="Start" onRefused={setRefusal} />
      <p className={css.more}>
        Already set up? <Link to="/login">Sign in</Link>
      </p>
    </CardPage>
  )
}

function Refused({ reason }: { reason: string }) {
  return (
    <CardPage title="This link does not work any more" testId="claim-refused">
      <ProblemNote>{reason}</ProblemNote>
      <ul className={css.steps}>
        <li>Nobody has set it up yet? Restart Muster: it prints a new link in its terminal.</li>
        <li>
          Already set up? <Link to="/login">Sign in</Link>.
        </li>
      </ul>
    </CardPage>
  )
}
