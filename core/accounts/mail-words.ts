import type { Mail } from '../outbound/mail.ts'

/** What we write to people about getting in. Nothing that somebody else could have chosen stands in it, but the handle. */
const end = 'If you did not ask for this, leave it: nothing happens.'

export const signInMail = (to: string, url: string): Mail => ({
  to,
  subject: 'Your link to Muster',
  text: `Open this link and press the button to sign in. It works once, for ten minutes:\n\n${url}\n\n${end}\n`,
})

export const resetMail = (to: string, url: string): Mail => ({
  to,
  subject: 'A new password for Muster',
  text: `Open this link to choose a new password. It works once, for thirty minutes:\n\n${url}\n\n${end}\n`,
})

export const verifyMail = (to: string, { url, handle }: { url: string; handle: string }): Mail => ({
  to,
  subject: 'Is this your address?',
  text: `@${handle} on Muster says that this is their address. If that is you, open this link where you are signed in. It works once, for a day:\n\n${url}\n\nIf it is not you, leave it: they get nothing.\n`,
})

export const takenMail = (to: string): Mail => ({
  to,
  subject: 'Your address on Muster',
  text: 'Somebody, perhaps you, wanted to use this address for an account on Muster. It belongs to one already. You can sign in with it, or have a link sent.\n',
})
