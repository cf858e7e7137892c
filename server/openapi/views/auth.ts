import { z } from 'zod'
import { ME_VIEWS } from './me.ts'
import { moment } from './shape.ts'

const tokens = z.object({
  tokenType: z.literal('Bearer'),
  accessToken: z.string().meta({ description: 'For Authorization: Bearer …' }),
  expiresIn: z.int().meta({ description: 'Seconds' }),
  expiresAt: moment,
  refreshToken: z.string().meta({ description: 'Gives the next pair, once' }),
  sessionId: z.string(),
  sessionExpiresAt: moment.meta({ description: 'However often it is refreshed' }),
})

/** Getting in, and where one is in. */
export const AUTH_VIEWS = {
  Tokens: tokens,
  SignedIn: z.union([ME_VIEWS.Me, tokens.extend({ account: ME_VIEWS.Me })]).meta({
    description: 'Who one is now, with the cookie of the console; with `tokens: true` the tokens instead of a cookie',
  }),
  SignInMethods: z.object({
    password: z.boolean(),
    mail: z.boolean().meta({ description: 'Links by mail' }),
    google: z.boolean(),
    access: z.enum(['open', 'invite']),
  }),
  MailAsked: z.object({ sentTo: z.string().meta({ description: 'If it is somebody’s' }) }),
  Address: z.object({ address: z.string() }),
  PasswordState: z.object({ isSet: z.boolean() }),
  PasswordChanged: z.object({ sessionsEnded: z.int() }),
  SessionListed: z.object({
    id: z.string(),
    way: z.string().meta({ description: 'How it began' }),
    agent: z.string().meta({ description: 'What the client called itself' }),
    holds: z.enum(['cookie', 'tokens']),
    isCurrent: z.boolean(),
    createdAt: moment,
    lastSeenAt: moment.meta({ description: 'To ten minutes' }),
    expiresAt: moment,
  }),
  SessionsEnded: z.object({ ended: z.int() }),
}
