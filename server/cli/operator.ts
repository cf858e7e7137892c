import { userInfo } from 'node:os'
import { type Account, accountByHandle, makingOf, refuseDisabled } from '#core/accounts/account.ts'
import { createAccountNamed } from '#core/accounts/create.ts'
import type { Actor } from '#core/actor.ts'
import type { ChannelName } from '#core/chat/message.ts'
import { actorFor } from '#core/contexts/actor-for.ts'
import type { Core } from '#core/core.ts'
import { AppError } from '#core/errors.ts'
import { askWhich, canAsk } from './ask.ts'
import { CliError, type Output } from './output.ts'
import { listAccounts } from './statements.ts'

/** Who acts at this prompt: the account that is named, else the only admin; of several admins a person is asked which. */
export async function operatorOf(core: Pick<Core, 'db'>, handle: string | undefined, output: Output): Promise<Account> {
  if (handle !== undefined) return namedAccount(core, handle)
  const accounts = await listAccounts.all(core.db, {})
  const admins = accounts.filter(({ platform_role }) => platform_role === 'admin').map((admin) => admin.handle)
  const [admin, ...others] = admins
  if (admin === undefined) throw noOperator(accounts.length)
  if (others.length === 0) return namedAccount(core, admin)
  if (canAsk(output)) return namedAccount(core, await askWhich('Who are you? (--account says it at once)', admins))
  const list = admins.map((one) => `@${one}`).join(', ')
  throw new CliError('account_needed', `Say who you are with --account <handle>. The admins are ${list}.`)
}

const noOperator = (accounts: number): CliError =>
  new CliError(
    'account_needed',
    accounts > 0
      ? 'Nobody is admin yet. Say who you are with --account <handle>; account list shows who is there.'
      : 'Nobody has an account yet. Run: npm run muster -- account create <handle> --admin',
  )

/** The same for somebody who only wants to try: on an instance without any account they become its admin. */
export async function operatorOrFirst(core: Core, handle: string | undefined, output: Output): Promise<Account> {
  if (handle !== undefined || (await listAccounts.all(core.db, {})).length > 0) return operatorOf(core, handle, output)
  const making = makingOf(core)
  const admin = await core.db.write(async function createFirstAdmin(tx) {
    return createAccountNamed(tx, making, { name: userInfo().username, platformRole: 'admin' })
  })
  output.note(`Nobody had an account here, so you are now @${admin.handle}, the admin.`)
  return admin
}

/** What the operator does is done as themselves, with their own rights: being at the prompt adds none. */
export async function operatorActor(
  core: Core,
  account: Account,
  { channel, as = 'personal' }: { channel: ChannelName; as?: string | undefined },
): Promise<Actor> {
  return (await actorFor(core, { accountId: account.id, channel, explicit: as })).actor
}

async function namedAccount({ db }: Pick<Core, 'db'>, handle: string): Promise<Account> {
  const account = await accountByHandle(db, handle)
  if (!account) throw new AppError('not_found', `There is no account ${handle}. See them with: account list`)
  refuseDisabled(account)
  return account
}
