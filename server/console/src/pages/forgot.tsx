import { AskForMail } from './mail.tsx'

/** Has a link sent with which a new password is chosen. */
export default function ForgotPage() {
  return (
    <AskForMail
      title="A new password"
      path="/v1/auth/password/forgot"
      lead="We send you a link with which you choose a new one. It works once, for thirty minutes."
      testId="forgot-page"
    />
  )
}
